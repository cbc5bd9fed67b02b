# Switchboard's commands; `make` alone lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PYTEST_ARGS ?=
PROOF_ARGS ?=
BENCH_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help install run test console browser screenshots proof bench check record lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED) ## make .venv with everything that is locked; nothing to do when it is up to date

$(INSTALLED): requirements/all.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Switchboard needs Python 3.11 or newer. Name one: make install PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || { echo "[1/3] making $(VENV)"; $(PYTHON) -m venv $(VENV) || \
		{ echo "This Python has no venv. On Debian: apt-get install python3-venv"; exit 1; }; }
	@echo "[2/3] installing the locked packages (a few minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/all.txt
	@echo "[3/3] installing the command switchboard"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: install console ## start the whole product on this machine; Ctrl-C stops it
	@$(BIN)/python -m local run

console: install ## build the console, if anything of it has changed
	@$(BIN)/python -m local.console

browser: install ## find or install the Chromium that browser tests drive
	@$(BIN)/python -m local.chromium

test: install browser ## run every test (PYTEST_ARGS="-k name" narrows it)
	@$(BIN)/python -m pytest -n 2 --dist loadscope $(PYTEST_ARGS)

screenshots: install browser ## take the docs' pictures of every page of the console anew
	@$(BIN)/python -m tests.browser.screenshots

proof: install ## kill everything at random and show that nothing is lost or sent twice (some minutes)
	@$(BIN)/python -m tests.proof $(PROOF_ARGS)

bench: install ## measure: counts, and ratios within one run (leave the machine alone meanwhile)
	@$(BIN)/python -m bench $(BENCH_ARGS)

check: install ## format, lint, types and who may import whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python -m local.console check

record: install ## add the histories of scenarios that have none yet
	@$(BIN)/python -m tests.record

lock: ## write requirements/*.txt anew from pyproject.toml
	@$(PYTHON) -m venv .lock && .lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	@set -e; for name in runtime build all; do \
		case $$name in \
			runtime) from=pyproject.toml;; \
			build) from="--group build";; \
			all) from="pyproject.toml --group local --group test --group check --group build";; \
		esac; \
		.lock/bin/uv pip compile $$from --universal --generate-hashes --no-emit-index-url --no-header \
			--output-file requirements/$$name.txt >/dev/null; \
	done
	@rm -rf .lock

clean: ## remove .venv and caches; data in .switchboard stays
	rm -rf $(VENV) .lock build *.egg-info .pytest_cache .ruff_cache .hypothesis
