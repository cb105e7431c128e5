# Two targets are all that a newcomer needs: `make demo` and `make test`. Each makes the environment first.
.PHONY: demo test conformance packages lint types build bench budget clean
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
ENGINES := $(VENV)/engines
PEERS := .venv-peers

demo: $(READY)
	@$(BIN)/regengine run scenarios/quickstart.yaml --out out/quickstart
	@$(BIN)/regengine run scenarios/netdz.yaml --out out/netdz
	@$(BIN)/regengine plan scenarios/plan-zone.yaml --out out/plan-zone
	@$(BIN)/regengine run scenarios/hud-housing.yaml --out out/hud-housing --skip-without-data
	@$(BIN)/regengine run scenarios/reform-tighter-c.yaml --out out/reform-tighter-c
	@echo "What that reform would do, as a page: out/reform-tighter-c/reform.html"

test: packages $(ENGINES)
	@$(BIN)/python -m pytest -n 2 --dist loadgroup

# A million decisions over generated rulebooks, compared on every engine.
conformance: packages $(ENGINES)
	@$(BIN)/python -m tests.conformance.million

# What tests start: a PostgreSQL, Java for Spark, a compiler for durable-rules, a browser. Where one is not here and cannot be installed, its tests are
# skipped by name.
packages:
	@missing=""; \
	 command -v postgres >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$$missing postgresql"; \
	 command -v java >/dev/null 2>&1 || missing="$$missing openjdk-17-jre-headless"; \
	 command -v cc >/dev/null 2>&1 || missing="$$missing gcc libc6-dev python3-dev"; \
	 command -v chromium >/dev/null 2>&1 || missing="$$missing chromium"; \
	 [ -z "$$missing" ] || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq >/dev/null && \
	   DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null 2>&1; } || \
	 echo "not here, and cannot be installed:$$missing; the tests that need it are skipped"

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(ENGINES)
	@$(BIN)/mypy

build: $(READY)
	@$(BIN)/python -m build --outdir dist .

# The benchmarks, then regengine beside its peers, which have an environment of their own.
bench: packages $(ENGINES) $(PEERS)/ready
	@$(BIN)/python -m pytest benchmarks --benchmark-only
	@$(BIN)/python benchmarks/compare.py

# Ratios between pieces of work of one run, checked against benchmarks/budget.toml.
budget: $(READY)
	@$(BIN)/python benchmarks/budget.py

clean:
	rm -rf $(VENV) $(PEERS) dist out

# The environment: exact versions from constraints.txt, made again when they or the project's own needs change.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("regengine needs Python 3.11 or later" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip -c constraints.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --group dev --editable .
	@touch $@

# The heavy engines, which only tests and benchmarks need.
$(ENGINES): $(READY) | packages
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --group spark
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --group durable || \
	 echo "durable-rules cannot be compiled here: its tests are skipped"
	@touch $@

$(PEERS)/ready: pyproject.toml benchmarks/peers.txt
	@test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade pip -c benchmarks/peers.txt
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -c benchmarks/peers.txt --group peers
	@touch $@
