"""Meta's Ad Library: new and stopped ads of a competitor."""
