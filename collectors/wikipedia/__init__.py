"""The wikipedia collector."""
