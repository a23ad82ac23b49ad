"""Posts that others push in, signed."""
