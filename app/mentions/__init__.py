"""Mentions: what was found, read and triaged."""
