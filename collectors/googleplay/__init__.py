"""The googleplay collector."""
