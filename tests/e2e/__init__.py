"""The whole service on a replay of real posts: see __main__.py."""
