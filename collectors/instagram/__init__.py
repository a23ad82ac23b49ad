"""Instagram: hashtags, one's own account, and the public figures of others."""
