"""LinkedIn: one's own organisation, what mentions it, the comments below its posts."""
