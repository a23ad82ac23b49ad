"""Queries on trial: what one would catch among the stored posts, before it is put in force."""
