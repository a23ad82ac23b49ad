"""The appstore collector."""
