"""The full-text index: which stored items may match a query, newest first."""
