# `make demo` starts a whole daemon in ./demo; `make test` runs everything that continuous integration runs.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PYTEST := $(BIN)/python -m pytest

# What `ingest` needs to run, without what its tests need.
RUNTIME := $(VENV)/.runtime

.PHONY: python install demo demo-upload quick test test-slow check bench fuzz docs lock clean

install: $(STAMP)

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "ingest needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; \
	    echo "Where another one is installed, name it: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }

$(RUNTIME): requirements.txt | python
	@if test -e $(STAMP); then touch $@; exit 0; fi; \
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || exit 1; \
	echo "Installing $$(grep -c '==' requirements.txt) packages into $(VENV), once; this takes about a minute."; \
	$(BIN)/python -m pip install --retries 1 --timeout 10 --disable-pip-version-check --require-hashes -r requirements.txt || { \
	    echo "The packages could not be installed. Without a network none can: is this machine connected," >&2; \
	    echo "and does it need a proxy (HTTPS_PROXY) or an own index (PIP_INDEX_URL)?" >&2; exit 1; }; \
	touch $@

$(STAMP): requirements-dev.txt pyproject.toml | python
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

# A whole daemon in the foreground: SFTP on port 2222, SQLite, a Maildir, one label, one DSP, all under ./demo.
demo: $(RUNTIME)
	$(BIN)/python -m ingest demo

# In a second terminal: a good and a broken release, made on the spot, uploaded with the OpenSSH client.
demo-upload: $(RUNTIME)
	$(BIN)/python -m ingest demo --upload

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The suite in under five minutes.
quick: check
	$(PYTEST) -n 2 -m "not slow and not timed and not chaos and not clients and not postgres and not browser and not gui"

# Everything: real clients, PostgreSQL, the browser, the daemon as a process, and kill -9 again and again. What asserts
# how soon a daemon answers has the machine for itself.
test: check
	$(PYTEST) -n 2 --dist loadfile -m "not timed and not chaos and not gui"
	$(PYTEST) -m timed
	$(PYTEST) -m chaos

# FileZilla's own window on a virtual screen; screenshots go to $$FILEZILLA_PICTURES when that is set.
test-slow: install
	$(PYTEST) -m gui

bench: install
	$(BIN)/python -m tests.bench.media
	$(BIN)/python -m tests.bench.album
	$(BIN)/python -m tests.bench.ern
	$(BIN)/python -m tests.bench.sftp
	$(BIN)/python -m tests.bench.load release
	$(BIN)/python -m tests.bench.turns

# More of what the suite does at random: media headers, five minutes of SFTP packets, four thousand messages.
fuzz: install
	$(BIN)/python -m tests.fuzz.media 20000
	$(BIN)/python -m tests.fuzz.sftp 300
	$(BIN)/python -m tests.ern.mutants 4000

docs: install
	$(BIN)/python -m tests.rules.examples
	$(BIN)/python -m ingest.rulebook > docs/rules.md

# Needs uv; run after changing dependencies in pyproject.toml.
lock:
	uv pip compile pyproject.toml --universal --generate-hashes --no-header -p 3.11 -o requirements.txt
	uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-header -p 3.11 -o requirements-dev.txt

clean:
	rm -rf $(VENV) demo .mypy_cache .ruff_cache .hypothesis build dist
