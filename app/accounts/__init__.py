"""Accounts of brands on platforms, and their figures day by day."""
