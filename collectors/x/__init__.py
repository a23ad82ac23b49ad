"""X: its search of the last seven days, which is paid by the post."""
