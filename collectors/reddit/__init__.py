"""Reddit: posts and comments, by its API with a key, by its feeds without."""
