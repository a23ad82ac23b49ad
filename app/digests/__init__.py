"""The daily digest: one for each subscription and local date."""
