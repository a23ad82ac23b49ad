"""GitHub: issues, pull requests and discussions."""
