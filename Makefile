# Everything that is done here, one word each. `make help` lists the words.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check lint format messages assets services lock wheel bench clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Stamps: a step is done again only when what it depends on has changed.
TOOLS := $(VENV)/.tools
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
PO := $(wildcard repo/translations/*/LC_MESSAGES/*.po)
MO := $(PO:.po=.mo)
ASSETS := repo/static/vendor/tus.min.js

# uv installs several times faster than pip; both check the hash of every file. Like pip, it is to compile what it
# installs: the children that parse files may not write, and would compile their libraries at each start.
INSTALL = $$(test -x $(BIN)/uv && echo "$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python" \
                               || echo "$(BIN)/python -m pip install --quiet")
RUFF = $(BIN)/ruff
# Two for each core: half of the time a test waits for a server, a browser or a child that it has started.
WORKERS ?= $$(( 2 * $$(nproc) ))
PYTEST = $(BIN)/python -m pytest
SOURCES = $(wildcard repo oai ingest migrations tests bench) $(shell grep -lI '^\#!.*python' scripts/*)

help: ## list these words
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-9s %s\n", $$1, $$2}' Makefile

run: $(RUNTIME) $(MO) ## serve the demonstration collection at http://127.0.0.1:8000
	@$(MAKE) --no-print-directory assets || echo "Going on without it: large uploads in the browser cannot be resumed."
	@$(BIN)/muras demo
	@exec $(BIN)/muras serve

test: $(DEV) $(MO) assets services ## run the whole suite on both databases, or T=path alone
ifdef T
	@MURAS_TEST_DATABASE="$${MURAS_TEST_DATABASE:-both}" $(PYTEST) $(T)
else
	@MURAS_TEST_DATABASE=both $(PYTEST) -n $(WORKERS) --dist worksteal --durations=20
endif

check: $(DEV) $(MO) lint ## the quick part, under 3 minutes: lint, and tests without browser, crashes, packaging
	@$(PYTEST) -q -n $(WORKERS) --dist worksteal $(foreach folder,browser crash conformance packaging,--ignore=tests/$(folder))

lint: $(DEV) ## check style, types, import rules and translations
	@$(RUFF) check $(SOURCES)
	@$(RUFF) format --check $(SOURCES)
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python scripts/messages check
	@$(BIN)/python scripts/sizes

format: $(DEV) ## put the code into its form
	@$(RUFF) check --fix $(SOURCES)
	@$(RUFF) format $(SOURCES)

messages: $(MO) ## compile the translations

assets: $(ASSETS) ## fetch the browser libraries

services: ## install what the tests need: PostgreSQL, ClamAV, Chromium ... (Debian, as root)
	@scripts/install-test-services
	@scripts/ocfl-validator >/dev/null || echo "No validator of OCFL: the tests that need it are skipped."
	@scripts/elasticsearch >/dev/null || echo "No Elasticsearch: the tests that need it are skipped."

lock: $(TOOLS) ## pin the dependencies as setup.cfg says; UPGRADE=1 takes the newest that it allows
	@scripts/lock $(if $(UPGRADE),--upgrade)

wheel: $(DEV) $(MO) assets ## build dist/muras-*.whl
	@rm -rf build dist
	@$(BIN)/python -m build

bench: $(DEV) $(MO) assets services ## measure the figures one after the other, or B="name options" alone
	@$(BIN)/python -m bench $(or $(B),all)

clean: ## remove everything that was built; data stays
	@rm -rf $(VENV) build dist node_modules repo/static/vendor *.egg-info $(MO)
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(TOOLS): requirements/tools.txt
	@echo "Making $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11) and "Muras needs Python 3.11, 3.12 or 3.13")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< \
	    || echo "uv cannot be installed here: pip does its work, more slowly."
	@touch $@

$(RUNTIME): requirements/runtime.txt setup.cfg pyproject.toml | $(TOOLS)
	@echo "Installing $<"
	@$(INSTALL) --require-hashes -r $<
	@$(INSTALL) --no-deps --editable .
	@touch $@

$(DEV): requirements/dev.txt $(RUNTIME)
	@echo "Installing $<"
	@$(INSTALL) --require-hashes -r $<
	@touch $@

$(MO) &: $(PO) | $(RUNTIME)
	@$(BIN)/python scripts/messages compile

$(ASSETS): package-lock.json scripts/build-assets | $(TOOLS)
	@scripts/build-assets
