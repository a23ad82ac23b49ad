"""The newsapi collector."""
