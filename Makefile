# What people and CI run. Each target is one line of real work; the work is in scripts/ and bench/.
.PHONY: help setup dev run test quick check e2e e2e-full e2e-platforms bench bench-feeds bench-search search-agree eval fuzz-query first-hour feeds clean
VENV := .venv/bin

help:  ## list the targets
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup:  ## install Vigie into .venv
	@scripts/setup run

dev:  ## install it with what tests and checks need
	@scripts/setup dev

run: setup  ## start Vigie on 127.0.0.1:8000, data under ./var
	@$(VENV)/vigie serve

test: dev  ## the whole suite, on SQLite and on a real PostgreSQL
	@$(VENV)/pytest -q -n 2 --dist loadfile

quick: dev  ## the suite without what is marked slow, stopping at the first failure
	@$(VENV)/pytest -q -x -n 2 --dist loadfile -m "not slow"

check: dev  ## format, lint, types, walls, files to ship
	@scripts/check

e2e: dev  ## the whole service on a short replay, embedded and scaled out
	@$(VENV)/python -m tests.e2e --bounded

e2e-full: dev  ## the whole week of the replay
	@$(VENV)/python -m tests.e2e

e2e-platforms: dev  ## collectors against real servers on this machine: Bluesky, Mastodon, WordPress, MediaWiki
	@$(VENV)/python -m tests.e2e_platforms --bounded

bench: dev .venv-bench/.ready  ## speed, as ratios against named peers in the same run
	@$(VENV)/python -m bench

bench-feeds: dev .venv-bench/.ready  ## feeds asked and taken in, beside reader and newsboat
	@$(VENV)/python -m bench.feeds

bench-search: dev  ## newest-50 full-text on 200,000 items, beside the naive form
	@$(VENV)/python -m bench.search

search-agree: dev  ## both databases against the matcher, over all replay posts
	@VIGIE_AGREE=all $(VENV)/pytest -q tests/app/search/test_agreement.py

.venv-bench/.ready:
	@python3 -m venv .venv-bench
	@.venv-bench/bin/pip install --quiet --disable-pip-version-check obsei==1.1.1 vaderSentiment==3.3.2 reader==3.26 sgmllib3k==1.0.0
	@touch $@

fuzz-query: dev  ## 100,000 generated pairs: the matcher against a naive evaluator
	@$(VENV)/python -m tests.nlp.query.fuzz --pairs 100000 --seed 1

eval: dev  ## quality of the judgement on labelled texts
	@$(VENV)/python scripts/eval.py
	@$(VENV)/python scripts/eval_relevance.py

feeds: dev  ## read every feed of the corpus and compare
	@$(VENV)/python scripts/feed_corpus.py

first-hour:  ## on an empty clone: seconds and megabytes of each first step
	@scripts/first-hour

clean:  ## remove what was made here (not ./var)
	rm -rf .venv .venv-bench .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist
