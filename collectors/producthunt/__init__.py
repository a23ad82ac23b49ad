"""The producthunt collector."""
