# Each target does its own set-up; a machine needs nothing but Python 3.11 (with venv) and make.
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run test check clean
.DEFAULT_GOAL := help

PYTHON ?= $(or $(shell command -v python3.11),$(shell command -v python3))
UV := 0.13.9
V := .venv
BIN := $(V)/bin
# Compiled at once: where Python may not write bytecode, each start would compile everything anew for two seconds.
INSTALL = $(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python -c constraints.txt
ARGS ?=

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile

run: $(V)/.run ## start everything: portal, GraphQL, provider, SMTP and SMS (ARGS="--port 0" for more)
	@$(BIN)/peserta up $(ARGS)

test: $(V)/.test $(V)/.chromium $(V)/.node ## run all tests (ARGS="tests/domain" for some)
	CHROMIUM="$$(cat $(V)/.chromium)" PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -n auto $(ARGS)

check: $(V)/.check ## lint, format, types, imports, contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/check_contract.py

clean: ## remove what the targets made
	rm -rf $(V) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(V)/.uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Peserta needs Python 3.11 or newer: make PYTHON=/path/to/python3.11")'
	@$(PYTHON) -m venv $(V)
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv==$(UV)
	@touch $@

$(V)/.run: $(V)/.uv pyproject.toml constraints.txt
	@$(INSTALL) -e .
	@$(BIN)/python -m compileall -q gateway schema mockidp mailsink
	@touch $@

$(V)/.test: $(V)/.uv pyproject.toml constraints.txt
	@$(INSTALL) -e '.[test]'
	@$(BIN)/python -m compileall -q gateway schema mockidp mailsink
	@touch $@ $(V)/.run

$(V)/.check: $(V)/.uv pyproject.toml constraints.txt
	@$(INSTALL) -e '.[test,check]'
	@$(BIN)/python -m compileall -q gateway schema mockidp mailsink
	@touch $@ $(V)/.test $(V)/.run

$(V)/.chromium: $(V)/.test tools/chromium.sh
	@tools/chromium.sh $(BIN)/python > $@

# The clients from npm need Node; where a machine has none, a wheel brings it.
$(V)/.node: $(V)/.test
	@command -v node >/dev/null && command -v npm >/dev/null || $(INSTALL) -e '.[node]'
	@touch $@
