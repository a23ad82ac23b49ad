"""Generated pairs of a query and a text, on which the fast matcher must equal the naive evaluator.

    .venv/bin/python -m tests.nlp.query.fuzz --pairs 100000 --seed 1

Small vocabulary and texts built from the query's own words, so that about half of the pairs match.
The query is drawn as a plan first: its source is what the parser reads, its tree is put together
from the plan, so that precedence, operators and properties are checked apart from the parser.
"""
