# Everything a person or a machine does here. `make` alone lists it.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run ui setup test test-browser test-spark test-superset screenshots lint format lock audit bench bench-spark clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: setup ## run the nightly job on the demo shop
	@$(BIN)/loyalty run

ui: setup ## start the Dagster UI with its daemon
	@$(BIN)/loyalty ui

setup: .venv/installed ## make .venv and install the locked packages

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "error: $$($(PYTHON) --version) is not 3.11 to 3.13; give one: make setup PYTHON=python3.12"; exit 1; }
	@echo "Setting up .venv (once; about two minutes)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -c "from pipeline.warehouse.dbt import prepare_dbt; prepare_dbt()"
	@touch $@

test: setup ## run every test
	@$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

# Playwright is no dependency of the project, so it has an environment of its own, and drives the Chromium of the system.
.browser/installed: Makefile
	@$(PYTHON) -m venv .browser
	@.browser/bin/pip install --quiet --disable-pip-version-check playwright==1.65.2
	@touch $@

# What CI does without, as it needs npm.
.browser/package: .browser/installed
	@cd .browser && npm pack --silent axe-core@4.14.1 > /dev/null && tar xzf axe-core-4.14.1.tgz

test-browser: setup .browser/package ## open the report, an explanation and the UI in Chromium, and press its buttons (needs it, and npm)
	@.browser/bin/python -m tests.bench.browser
	@.browser/bin/python -m tests.bench.buttons --backfill

screenshots: setup .browser/package ## the same without the buttons, and remake the pictures in docs/pictures
	@.browser/bin/python -m tests.bench.browser --screenshots docs/pictures

# The versions that docs/bi.md names.
.superset/installed: Makefile | setup
	@$(BIN)/uv venv --quiet --clear .superset
	@$(BIN)/uv pip install --quiet --python .superset/bin/python apache-superset==6.1.0 duckdb==2.0.1 duckdb-engine==0.17.0 \
		rich cachetools flask-caching==2.3.1 playwright==1.65.2
	@touch $@

test-superset: .superset/installed ## import the dashboard into Superset, open it in Chromium, compare it with SQL
	@.superset/bin/python tests/bench/superset.py

# Another package of the same modules as the client, so it has an environment of its own.
.spark/installed: Makefile | setup
	@$(BIN)/uv venv --quiet --clear .spark
	@$(BIN)/uv pip install --quiet --python .spark/bin/python pyspark==4.3.0
	@touch $@

test-spark: .spark/installed ## run the tests of the engine on Apache Spark instead of Sail (needs Java 17)
	@$(BIN)/python -m tests.bench.apache_spark

lint: setup ## ruff, mypy and sqlfluff
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --disable-progress-bar dbt_project pipeline/sources/presets examples

format: setup ## put the code in the house format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: setup ## rewrite requirements.lock for all platforms and Python 3.11 to 3.13
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --extra dev --extra spark --upgrade --output-file requirements.lock pyproject.toml

# Its advisories come from a service on the internet, so it is no part of the tests.
audit: setup ## compare the lock with the known faults of packages
	@$(BIN)/uv tool run pip-audit==2.10.1 --strict --requirement requirements.lock --require-hashes --disable-pip

bench: setup ## measure the job against hand-written SQL
	@$(BIN)/python -m tests.bench

bench-spark: setup ## measure Sail against one loop over the buckets of 10 million orders (half an hour)
	@$(BIN)/python -m tests.bench.spark .bench 10000000

clean: ## remove what was installed and built; the home folder stays
	@rm -rf .venv .bench .browser .spark .superset dbt_project/target dbt_project/logs .pytest_cache .mypy_cache .ruff_cache .hypothesis
