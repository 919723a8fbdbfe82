# Every target does the set-up it needs. `make` alone lists them.

VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
ARGS ?=
export PORT ARGS REQUIRE_SERVICES

.DEFAULT_GOAL := help
.PHONY: help setup demo test bench bench-sending bench-counting chaos guards lint format clean

help:
	@echo 'make demo            the whole product on http://127.0.0.1:$(PORT)/ (PORT= changes it)'
	@echo 'make test            the whole suite (ARGS= for pytest, REQUIRE_SERVICES=1 to insist)'
	@echo 'make bench           both of these and hostile texts, at full size (PostgreSQL; half an hour)'
	@echo 'make bench-sending   sending measured beside a baseline and a limit (ARGS=--help)'
	@echo 'make bench-counting  counting and freezing for 1,000,000 customers (ARGS=--help)'
	@echo 'make chaos           kill, stall and starve the sending, then compare the books (ARGS=--help)'
	@echo 'make guards          take each guard of sending out and show that a test notices'
	@echo 'make lint            code, templates, migrations'
	@echo 'make format          rewrite code in the one format'
	@echo 'make setup           the virtual environment with all tools'
	@echo 'make clean           remove the virtual environment'

setup: $(VENV)/dev.stamp

demo: $(VENV)/run.stamp
	@$(BIN)/python manage.py demo $(ARGS)

test: $(VENV)/dev.stamp
	@$(BIN)/python .ci/suite.py

bench:
	@$(MAKE) --no-print-directory bench-sending ARGS=
	@$(MAKE) --no-print-directory bench-counting ARGS=
	@$(BIN)/python -m benchmarks.hostile

bench-sending: $(VENV)/run.stamp
	@$(BIN)/python -m benchmarks.sending $(ARGS)

bench-counting: $(VENV)/run.stamp
	@$(BIN)/python -m benchmarks.counting $(ARGS)

chaos: $(VENV)/run.stamp
	@$(BIN)/python -m benchmarks.chaos $(ARGS)

guards: $(VENV)/dev.stamp
	@$(BIN)/python -m benchmarks.guards $(ARGS)

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --quiet --lint templates
	DEBUG=true DATABASE_URL=sqlite://:memory: $(BIN)/python manage.py makemigrations --check --dry-run

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV)

# A stamp is written last, so an interrupted installation is repeated.
$(VENV)/run.stamp: requirements.txt $(VENV)/made.stamp
	@echo 'Installing what the product needs ...'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp
	@echo 'Installing what tests and checks need ...'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# PYTHON= names the interpreter; without it the first one that is new enough is taken.
$(VENV)/made.stamp:
	@for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
	      echo "$$python cannot make virtual environments; on Debian: apt install python3-venv" >&2; \
	      exit 1; \
	    fi; \
	    echo "Making $(VENV) with $$($$python --version) ..."; \
	    $$python -m venv $(VENV) && touch $@ && exit 0; \
	    exit 1; \
	  fi; \
	done; \
	echo 'Python 3.11 or newer is needed and was not found; name one: make PYTHON=/path/to/python3' >&2; \
	exit 1
