"""Trends: figures over time, from roll-ups only."""
