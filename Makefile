# The two commands: `make demo` and `make test`. Each sets up all it needs, given Python 3.11 and make.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
BIN := .venv/bin
JOBS ?= auto
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test bench lint format types walls docs kill-matrix wheel changelog lock clean run-env dev-env bench-env

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

run-env dev-env bench-env:
	@test -n "$(PYTHON)" || { echo 'No Python 3.11 or newer was found; name one: make PYTHON=/path/to/python3.11'; exit 1; }
	@"$(PYTHON)" .ci/environment.py $(@:-env=)

demo: run-env ## the main job, end to end, on a register of 100,000 persons; ARGS=--lang=zh for Chinese
	@$(BIN)/datong demo --once $(ARGS)
	@echo 'To keep the adapter open and call it yourself: $(BIN)/datong demo'

test: dev-env ## all tests; ARGS='tests/mapping -k date' for some
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup $(ARGS)

bench: bench-env ## measure beside the peers; ARGS=--write puts the figures into the docs
	@command -v wrk >/dev/null || { echo 'The load comes from wrk: apt-get install wrk'; exit 1; }
	@$(BIN)/python -m tests.benchmarks $(ARGS)

lint: dev-env walls types ## style, format, types, import walls
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: dev-env
	@$(BIN)/mypy

walls: dev-env
	@$(BIN)/lint-imports

format: dev-env ## put every file into the project's format
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

docs: dev-env ## run every code block of README and docs
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup tests/docs $(ARGS)

reference: dev-env ## write the pages of docs/reference that are derived
	@cd tests && ../$(BIN)/python -m docs.reference

kill-matrix: dev-env ## try every mutant and variant of the kit, and write docs/reference/kill-matrix.md
	@KILL_MATRIX=whole $(BIN)/python -m pytest -n $(JOBS) tests/mutants --deselect tests/mutants/test_matrix.py $(ARGS)
	@cd tests && ../$(BIN)/python -m mutants.matrix

wheel: dev-env ## build the wheel and test it with the sources out of reach
	@$(BIN)/python -m pytest tests/test_wheel.py $(ARGS)

changelog: dev-env ## show what the next release would say
	@$(BIN)/towncrier build --draft --version next

lock: ## renew constraints.txt from what pyproject.toml allows
	@"$(PYTHON)" .ci/lock.py

clean: ## remove what make made
	@rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist build
