"""Facebook: one's own page, what tags it, the comments below its posts."""
