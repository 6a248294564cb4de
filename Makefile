# Everything a newcomer needs. Each target sets up what it lacks.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup up down test lint bench peers chaos lock jars

help:
	@echo "make up      start the embedded stack and print the address of the board"
	@echo "make down    stop it (data stays)"
	@echo "make test    unit, contract, system and browser tests"
	@echo "make lint    ruff, mypy, import rules"
	@echo "make chaos   five minutes of load while parts die; SEED=101 repeats a run, SECONDS=60 shortens it"
	@echo "make bench   benchmarks, each against a ceiling measured in the same run"
	@echo "make peers   the worker beside Faust, Quix Streams and a plain loop; Quix Streams gets an environment of its own"
	@echo "make lock    pin the dependencies again"
	@echo "make jars    write the sums of Kafka's jars again, after its version was raised"

$(VENV)/.ready: requirements.lock pyproject.toml
	@echo "Setting up $(VENV): the first time takes a few minutes, mostly downloads"
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or 3.12 is needed, this is " + sys.version.split()[0]) if not (3, 11) <= sys.version_info[:2] < (3, 13) else None'
	@$(PYTHON) -m venv $(VENV) || { echo "No venv: on Debian and Ubuntu, apt-get install python3-venv"; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: $(VENV)/.ready

up: setup
	@$(BIN)/thidua up

down: setup
	@$(BIN)/thidua down

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# First what needs no engine, on every core; then what starts one, two at a time, since each waits half of its time; last what measures time
ENGINES := tests/contract/clickhouse_http tests/contract/scoring tests/system tests/browser
test: setup
	$(BIN)/pytest --quiet --numprocesses auto $(ENGINES:%=--ignore %)
	$(BIN)/pytest --quiet --numprocesses 2 --dist loadfile --no-loadscope-reorder --durations 15 -m "not alone" $(ENGINES)
	$(BIN)/pytest --quiet -m alone $(ENGINES)

chaos: setup
	$(BIN)/python -m tests.chaos

bench: setup
	$(BIN)/python -m bench

# Quix Streams needs an older pydantic and twenty packages more, so it never comes into the environment of the services
PEERS := .venv-peers
$(PEERS)/.ready: bench/peers.lock
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r bench/peers.lock
	@touch $@

peers: setup $(PEERS)/.ready
	$(BIN)/python -m bench.peers

# uv writes the locks; it is needed only here, so it is not a dependency. The image's lock is a part of the other, with the same versions
lock: setup
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --constraints requirements.lock --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate pyproject.toml -o requirements-services.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate pyproject.toml bench/peers.in -o bench/peers.lock

jars: setup
	$(BIN)/python -m deploy.embedded.jars --write-sums
