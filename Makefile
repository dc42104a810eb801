# Everything this project can do. Needs Python 3.11 or newer with venv, git and make; the rest is set up here.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2

.PHONY: help demo story test sure bench contention lint types imports format assets lock clean

help: ## Show what can be made, one line each
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

demo: $(VENV)/.running ## Start the registry and four towns; stays up (DEMO_PORT, default 8000)
	@exec $(BIN)/python -m deploy.demo

story: $(VENV)/.running ## Play a day in another town on real processes, one line a step
	@$(BIN)/python -m tests.story

test: $(VENV)/.checking ## Run the tests; says what it skips where PostgreSQL or Chromium is missing
	$(BIN)/pytest -n $(WORKERS) --dist loadscope -m "not alone"
	$(BIN)/pytest -m alone tests/browser

sure: lint types imports test story ## Run everything CI runs

lint: $(VENV)/.checking ## Check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.checking ## Check types, strictly
	$(BIN)/mypy

imports: $(VENV)/.checking ## Check that nobody imports upwards, and that every door is the only one
	$(BIN)/lint-imports

bench: $(VENV)/.checking ## Measure against bare references in one run; writes bench.json
	@$(BIN)/python -m tests.bench

contention: $(VENV)/.checking ## Let 16 clients contend 100,000 times for the same desks (an hour)
	@$(BIN)/python -m tests.bench.contention

format: $(VENV)/.checking ## Put the code into its form
	$(BIN)/ruff check --fix --unsafe-fixes .
	$(BIN)/ruff format .

assets: $(VENV)/.running ## Build styles, fonts and catalogues anew where their sources changed
	$(BIN)/python -m federation.web.assets.build

lock: $(VENV)/.checking ## Compile the requirement files from pyproject.toml
	for set in "requirements.txt" "requirements-build.txt --group build" "requirements-dev.txt --group dev"; do \
		$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--no-emit-find-links --no-header --quiet pyproject.toml -o $$set; \
	done
	for peer in tests/interop/peers/*/requirements.in; do \
		$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--no-emit-find-links --no-header --no-annotate --quiet $$peer -o $${peer%.in}.txt; \
	done

clean: ## Remove what was built; the demo's data stays
	rm -rf $(VENV) .cache federation/web/static .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=…"; exit 1; }
	$(PYTHON) -m venv $(VENV)

define build
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m federation.web.assets.build
endef

$(VENV)/.running: requirements-build.txt pyproject.toml federation/web/assets/package-lock.json | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-build.txt
	$(build)
	@touch $@

$(VENV)/.checking: requirements-dev.txt pyproject.toml federation/web/assets/package-lock.json | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.txt
	$(build)
	@touch $@ $(VENV)/.running
