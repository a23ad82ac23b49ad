"""Words of French and English that say nothing of what a text is about, and the operators of the
query language, which no suggestion may hold bare."""

from __future__ import annotations

from typing import Final

_ENGLISH = """
a an and are as at be been but by can do for from had has have he her his how i if in is it its
just me my no not of on or our out she so than that the their them then there they this to up us
was we were what when which who why will with would you your s t re ve ll m d
"""
_FRENCH = """
le la les l un une des du de d et ou a au aux en dans par pour sur avec sans ce cet cette ces il
elle on nous vous ils elles je tu que qui quoi dont ne pas plus est sont etait ete ai as avons
avez ont se sa son ses mon ma mes ton ta tes leur leurs y c j n qu
"""
_OPERATORS = "and or not near onear et ou sauf pres"
COMMON: Final = frozenset(f"{_ENGLISH} {_FRENCH} {_OPERATORS}".split())
