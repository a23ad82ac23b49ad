"""Watched sitemaps: pages that came and went."""
