"""Discourse: the posts of one forum."""
