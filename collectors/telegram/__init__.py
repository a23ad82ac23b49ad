"""The telegram collector."""
