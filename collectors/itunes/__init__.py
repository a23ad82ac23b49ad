"""The itunes collector."""
