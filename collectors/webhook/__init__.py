"""What others push in, signed."""
