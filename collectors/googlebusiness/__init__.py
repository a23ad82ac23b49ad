"""The googlebusiness collector."""
