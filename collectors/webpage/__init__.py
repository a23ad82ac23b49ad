"""Watched web pages: what changed on them, told in one line."""
