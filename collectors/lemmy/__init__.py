"""Lemmy: posts and comments that one instance knows."""
