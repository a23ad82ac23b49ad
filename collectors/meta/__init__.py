"""What Meta's platforms share: their Graph API, its errors, its listings and its tokens."""
