# make run     the whole product: event server, demo bots and dashboard
# make test    lint, types and every test
PY   ?= python3
VENV ?= .venv
BIN  := $(VENV)/bin

.PHONY: run test lint types pytest lock bench-live bench-server bench-webhooks bench-start bench-queries bench-search soak soak-hour chaos security sbom screenshots clean

# One plain command, so that make runs it without a shell in between, and it can see make go.
run: export JORGE_EXIT_WITH_PARENT = 1
run: export STREAMLIT_SERVER_PORT ?= $(or $(JORGE_DASHBOARD_PORT),$(shell sed -n 's/^JORGE_DASHBOARD_PORT=//p' .env 2>/dev/null),3000)
run: $(VENV)/run
	$(BIN)/python -m streamlit run app.py

test: lint types pytest

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev
	$(BIN)/mypy

pytest: $(VENV)/dev machine # all of it is measured, and must reach what pyproject.toml asks for; a part of it (ARGS) is not
	$(BIN)/python -m pytest --numprocesses 2 $(or $(ARGS),--cov)

.PHONY: machine
machine: # chromium, redis-server, nginx, caddy, clients from npm, older LangGraphs; without them the tests say what they skip
	@bash scripts/machine

$(VENV)/run: requirements.txt
	$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	test -x $(BIN)/python || $(PY) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

$(VENV)/dev: requirements-dev.txt $(VENV)/run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

# For every Python from 3.11 on and every system, by markers. What is locked stays, unless it is asked for anew:
# ARGS=--upgrade, or ARGS="--upgrade-package streamlit".
LOCK := $(VENV)-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock"
lock:
	$(PY) -m venv $(VENV)-lock && $(VENV)-lock/bin/python -m pip install --quiet uv
	$(LOCK) $(ARGS) -o requirements.txt requirements.in
	$(LOCK) $(ARGS) -c requirements.txt -o requirements-dev.txt requirements-dev.in
	for lock in tests/langgraph/*.in; do $(LOCK) $(ARGS) -o $${lock%.in}.txt $$lock || exit; done
	rm -rf $(VENV)-lock

bench-server: $(VENV)/dev
	$(BIN)/python -m bench.server

bench-webhooks: $(VENV)/dev
	$(BIN)/python -m bench.webhooks

bench-start: $(VENV)/dev
	$(BIN)/python -m bench.start

bench-queries: $(VENV)/dev
	$(BIN)/python -m bench.queries $(ARGS)

bench-search: $(VENV)/dev
	$(BIN)/python -m bench.search $(ARGS)

bench-live: $(VENV)/dev machine
	bash bench/live/run

soak: $(VENV)/dev machine
	$(BIN)/python -m bench.soak --minutes 10

soak-hour: $(VENV)/dev machine
	$(BIN)/python -m bench.soak --minutes 100

chaos: $(VENV)/dev machine # faults by a seeded schedule before a model of what must be true: MINUTES, SEED, ARGS="--faults F6"
	$(BIN)/python -m bench.chaos --minutes $(or $(MINUTES),10) $(if $(SEED),--seed $(SEED)) $(ARGS)

security: $(VENV)/dev # for MINUTES, requests that the API describes and forbids to a real server: each answer is as described
	$(BIN)/python -m tests.security.fuzz --minutes $(or $(MINUTES),5) $(if $(SEED),--seed $(SEED))

sbom: $(VENV)/dev # what is locked, with its hashes, as CycloneDX
	$(BIN)/python -m scripts.sbom

screenshots: $(VENV)/dev machine
	$(BIN)/python -m bench.screenshots docs/pictures

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
