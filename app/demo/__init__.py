"""A made-up watchlist for people who have none yet: a French brand, ninety days, one bad week.

`rules.py` decides what is said when (pure), `texts_*.py` and `cast.py` hold the words, `walk.py`
lives through the days on a virtual clock by the real pipeline, `carry.py` brings the result over,
`service.py` loads and clears.
"""
