"""Watchlists: what is watched, and in which words."""
