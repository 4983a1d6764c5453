# mockserver: how to build, run and check it. Needs Python 3.11 or newer and make; `make` alone lists the targets.
#
#   PYTHON=python3.13     another interpreter (with VENV=.venv-3.13 to keep both environments)
#   ARGS="--port 9000"    options for what a target runs

PYTHON ?= python3
VENV ?= .venv
IMAGE ?= northflank-mockserver
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Wheels alone: building a source distribution would fetch what no lock names
LOCKED := $(PIP) install --quiet --require-hashes --no-deps --only-binary :all:
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --custom-compile-command "make lock"
SOURCES := Makefile pyproject.toml Dockerfile compose.yaml $(wildcard *.md requirements/*.lock) \
	$(shell find mockserver seed docs tests bench endurance -name node_modules -prune -o -name __pycache__ -prune -o -type f -print)

# The tests that need no Docker engine, in parallel
SUITE := -n auto -m "not container and not delivery"

.PHONY: help run test test-orders lint coverage check docs bench bench-peers soak torture wheel image measure-image test-container \
	lint-delivery audit lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-16s%s\n", $$1, $$2 }' Makefile

run: $(VENV)/project ## serve on port 8080
	@$(BIN)/mockserver serve $(ARGS)

# The marker tests-passed spares `make check` a second run of what was just tested
test: $(VENV)/project $(VENV)/development ## run every test that needs no Docker engine
	@rm -f $(VENV)/tests-passed
	$(BIN)/python -m pytest $(SUITE) --cov --cov-report= --cov-fail-under=0 $(ARGS)
	@$(if $(ARGS),:,touch $(VENV)/tests-passed)

test-orders: $(VENV)/project $(VENV)/development ## run them in random orders, one after another; ARGS="--seeds 20"
	@$(BIN)/python -m tests.orders $(ARGS) -- $(SUITE)

$(VENV)/tests-passed: $(SOURCES) $(VENV)/development
	@$(MAKE) --no-print-directory test ARGS=

lint: $(VENV)/project $(VENV)/development ## ruff and mypy
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

coverage: $(VENV)/tests-passed ## what the tests cover; fails below all of it
	$(BIN)/coverage report

check: lint coverage ## both

docs: $(VENV)/project ## write the tables and files in the pages that come from the code
	@$(BIN)/python docs/tables.py

bench: $(VENV)/project ## measure what mockserver costs; needs wrk; ARGS=--quick tries it, ARGS="--beside DIR" adds another checkout
	@$(BIN)/python -m bench own $(ARGS)

bench-peers: $(VENV)/project ## measure what npm's mock servers cost beside it; needs wrk and Node
	@$(BIN)/python -m bench peers $(ARGS)

soak: $(VENV)/project ## let 50 clients ask a server for 10 minutes and check every response; ARGS="--minutes 60"
	@$(BIN)/python -m endurance soak $(ARGS)

torture: $(VENV)/project ## kill -9 a server 100 times while it is written to, and check every write; ARGS="--cycles 300"
	@$(BIN)/python -m endurance torture $(ARGS)

wheel: $(VENV)/project ## build the wheel, into dist/
	@$(BIN)/python -m hatchling build --target wheel

image: ## build the container image
	docker build --tag $(IMAGE) --build-arg VERSION=$(VERSION) $(ARGS) .

measure-image: $(VENV)/project ## build the image and measure its size, first answer and stop; needs a Docker engine
	@$(MAKE) --no-print-directory --silent image ARGS=--quiet
	@$(BIN)/python -m bench.image $(IMAGE) $(ARGS)

test-container: $(VENV)/project $(VENV)/development ## build the image and test it; needs a Docker engine
	$(BIN)/python -m pytest -m container $(ARGS) tests/container

lint-delivery: $(VENV)/project $(VENV)/delivery ## lint the Dockerfile, the workflows, compose.yaml and the recipes of the docs
	$(BIN)/python -m pytest -m delivery $(ARGS) tests/delivery

audit: $(VENV)/delivery ## ask for known vulnerabilities of what the locks name; STRICT=1 fails where nobody can be asked
	@$(BIN)/python requirements/audit.py $(if $(STRICT),--strict) requirements/runtime.lock requirements/build.lock

lock: $(VENV)/development ## lock the dependencies anew; ARGS=--upgrade for their newest versions
	$(COMPILE) pyproject.toml --output-file requirements/runtime.lock $(ARGS)
	$(COMPILE) --group build --output-file requirements/build.lock $(ARGS)
	$(COMPILE) pyproject.toml --all-extras --group dev \
		--constraint requirements/runtime.lock --constraint requirements/build.lock \
		--output-file requirements/dev.lock $(ARGS)
	$(COMPILE) --group delivery --constraint requirements/dev.lock --output-file requirements/delivery.lock $(ARGS)

clean: ## remove what these targets made
	rm -rf $(VENV) dist .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache

# A new lock means a new environment: what it no longer names is gone then
$(VENV)/runtime: requirements/runtime.lock requirements/build.lock
	$(if $(shell $(PYTHON) -c 'import sys; print(sys.version_info >= (3, 11) or "")' 2>&1 | grep True),,$(error \
	mockserver needs Python 3.11 or newer, and $(PYTHON) is not: name one, as in `make $(MAKECMDGOALS) PYTHON=python3.13`))
	@echo "Installing into $(VENV), once ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(LOCKED) -r requirements/runtime.lock -r requirements/build.lock
	@touch $@

$(VENV)/project: $(VENV)/runtime pyproject.toml
	@$(PIP) install --quiet --no-index --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q mockserver  # as pip does with all that it does not install in place
	@touch $@

$(VENV)/development: $(VENV)/runtime requirements/dev.lock
	@echo "Installing the development tools into $(VENV), once ..."
	@$(LOCKED) -r requirements/dev.lock
	@touch $@

$(VENV)/delivery: $(VENV)/development requirements/delivery.lock
	@echo "Installing the tools that check the delivery into $(VENV), once ..."
	@$(LOCKED) -r requirements/delivery.lock
	@touch $@
