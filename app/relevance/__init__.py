"""What people say is not about a brand, and the filter that learns it."""
