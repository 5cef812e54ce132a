# Everything here needs Python 3.11+ and make; the first target that is called sets up .venv from requirements.lock.
.DEFAULT_GOAL := help
.PHONY: help setup demo dev test chaos attack bench check docs format lock clean

# Which Python makes .venv: `make demo PYTHON=python3.12`. Unset: the first one found that is new enough.
PYTHON ?=
# Passed on to what runs: `make demo ARGS="--people 100"`, `make test ARGS="tests/core -k ledger"`.
ARGS ?=
BIN := .venv/bin

help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

setup: ## make or refresh .venv; every target below does this first
	@PYTHON='$(PYTHON)' sh tools/setup.sh

demo: setup ## a whole season, from the first registration to the last payout
	@$(BIN)/tourpad demo $(ARGS)

dev: setup ## database, API, jobs, Stripe sandbox and mail outbox in one process
	@$(BIN)/tourpad dev $(ARGS)

test: setup ## the whole test suite
	@$(BIN)/pytest -n logical --maxprocesses 8 --dist worksteal $(ARGS)

chaos: setup ## kills processes that move money, RUNS=500 times; counts what is doubled or lost
	@$(BIN)/python -m tools.chaos --runs $(or $(RUNS),20) $(if $(SEED),--seed $(SEED)) $(if $(LANES),--lanes $(LANES))

attack: setup ## tries to find homes through the API: make attack HOMES=500 QUERIES=5000
	@ATTACK="$(or $(HOMES),500) $(or $(QUERIES),5000)" $(BIN)/pytest tests/web/test_homes_attacked.py -q -s -n 0

check: setup ## format, lint, types, import contracts, own rules
	@$(BIN)/python -m tools.check

bench: setup ## one benchmark: make bench NAME=money N=10000; its numbers go to bench/results/
	@$(BIN)/python -m bench $(NAME) $(N) $(ARGS)

docs: setup ## write docs/reference anew from the code
	@$(BIN)/python -m tools.reference

format: setup ## lay out the code and mend what ruff can mend
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

lock: ## resolve requirements.lock anew (needs uv); UPGRADE=1 takes the newest releases
	@uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
	    --no-header --no-emit-index-url --quiet $(if $(UPGRADE),--upgrade) -o requirements.lock

clean: ## remove .venv and everything that tools left behind
	@rm -rf .venv .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
