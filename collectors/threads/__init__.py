"""Threads: its keyword search, mentions of one's account, replies to one's posts."""
