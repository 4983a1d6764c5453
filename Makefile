# Builds, runs and checks mockserver. Needs Python 3.11 or newer and make; `make` without a target lists the targets.
#
#   PYTHON=python3.13     use another interpreter (with VENV=.venv-3.13 to keep both environments)
#   ARGS="--port 9000"    pass options to the command that a target runs

PYTHON ?= python3
VENV ?= .venv
IMAGE ?= northflank-mockserver
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)

# Otherwise each process of a test run has to rewrite the assertions of all modules again
unexport PYTHONDONTWRITEBYTECODE

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Only wheels: building a source distribution would download packages that are not in a lock
LOCKED := $(PIP) install --quiet --require-hashes --no-deps --only-binary :all:
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --custom-compile-command "make lock"
SOURCES := Makefile pyproject.toml Dockerfile compose.yaml $(wildcard *.md requirements/*.lock) \
	$(shell find mockserver seed docs tests bench endurance -name node_modules -prune -o -name __pycache__ -prune -o -type f -print)

# All tests that need neither a Docker engine nor a browser, in parallel
SUITE := -n auto -m "not container and not delivery and not browser"

# The tests of the parts that rest on the dependencies, without those that take long
LOWEST := $(VENV)-lowest
LOWEST_INSTALL := $(BIN)/uv pip install --quiet --python $(LOWEST)/bin/python
LOWEST_SUITE := -n auto tests/api tests/control tests/test_cli.py tests/test_settings.py tests/web/test_private_names.py \
	--ignore tests/api/test_list_properties.py

.PHONY: help run vendor test test-browser test-orders test-lowest lint coverage check docs check-mocks fidelity-reports bench bench-peers soak torture wheel image measure-image test-container \
	lint-delivery audit lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-16s%s\n", $$1, $$2 }' Makefile

run: $(VENV)/project ## serve on port 8080
	@$(BIN)/mockserver serve $(ARGS)

# The marker tests-passed saves `make check` from running the tests again if they have just passed
test: $(VENV)/project $(VENV)/development ## run every test that needs no Docker engine and no browser
	@rm -f $(VENV)/tests-passed
	$(BIN)/python -m pytest $(SUITE) --cov --cov-report= --cov-fail-under=0 $(ARGS)
	@$(if $(ARGS),:,touch $(VENV)/tests-passed)

test-orders: $(VENV)/project $(VENV)/development ## run the tests in random orders, one after another; ARGS="--seeds 20"
	@$(BIN)/python -m tests.orders $(ARGS) -- $(SUITE)

# Apart from the others, as Playwright occupies the event loop of its process
test-browser: $(VENV)/project $(VENV)/development ## test the live page; needs Chromium
	$(BIN)/python -m pytest -n auto -m browser $(ARGS) tests/page

test-lowest: $(LOWEST)/installed ## run a selection of the tests with the oldest versions that pyproject.toml allows
	$(LOWEST)/bin/python -m pytest $(LOWEST_SUITE) $(ARGS)

$(VENV)/tests-passed: $(SOURCES) $(VENV)/development
	@$(MAKE) --no-print-directory test ARGS=

lint: $(VENV)/project $(VENV)/development ## ruff and mypy
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

coverage: $(VENV)/tests-passed ## fail unless the tests cover all lines and branches
	$(BIN)/coverage report

check: lint coverage ## lint and coverage

docs: $(VENV)/project ## update the generated tables and the included files in the pages
	@$(BIN)/python docs/tables.py

check-mocks: $(VENV)/project ## check mock servers from npm with `mockserver check`, for docs/check.md; needs Node
	@$(BIN)/python -m bench.mocks

fidelity-reports: $(VENV)/project ## fold reports of `mockserver check` into the fidelity table; ARGS="report.json another.json"
	@PYTHONPATH=. $(BIN)/python docs/fidelity_reports.py $(ARGS)

bench: $(VENV)/project ## benchmark mockserver; needs wrk; ARGS=--quick is a short trial, ARGS="--beside DIR" adds another checkout
	@$(BIN)/python -m bench own $(ARGS)

bench-peers: $(VENV)/project ## benchmark it against mock servers from npm; needs wrk and Node
	@$(BIN)/python -m bench peers $(ARGS)

soak: $(VENV)/project ## check every response to 50 clients for 10 minutes; ARGS="--minutes 60"
	@$(BIN)/python -m endurance soak $(ARGS)

torture: $(VENV)/project ## kill -9 a server 100 times during writes, and check every write; ARGS="--cycles 300"
	@$(BIN)/python -m endurance torture $(ARGS)

wheel: $(VENV)/project ## build the wheel, into dist/
	@$(BIN)/python -m hatchling build --target wheel

image: ## build the container image
	docker build --tag $(IMAGE) --build-arg VERSION=$(VERSION) $(ARGS) .

measure-image: $(VENV)/project ## build the image and measure its size, start and stop; needs a Docker engine
	@$(MAKE) --no-print-directory --silent image ARGS=--quiet
	@$(BIN)/python -m bench.image $(IMAGE) $(ARGS)

test-container: $(VENV)/project $(VENV)/development ## build the image and test it; needs a Docker engine
	$(BIN)/python -m pytest -m container $(ARGS) tests/container

lint-delivery: $(VENV)/project $(VENV)/delivery ## lint the Dockerfiles, the workflows, compose.yaml and the recipes in the docs
	$(BIN)/python -m pytest -m delivery $(ARGS) tests/delivery

audit: $(VENV)/delivery ## look up known vulnerabilities of the locked packages; STRICT=1 fails if the service cannot be reached
	@$(BIN)/python requirements/audit.py $(if $(STRICT),--strict) requirements/runtime.lock requirements/build.lock

lock: $(VENV)/development ## lock the dependencies again; ARGS=--upgrade for their newest versions
	$(COMPILE) pyproject.toml --output-file requirements/runtime.lock $(ARGS)
	$(COMPILE) --group build --output-file requirements/build.lock $(ARGS)
	$(COMPILE) pyproject.toml --all-extras --group dev \
		--constraint requirements/runtime.lock --constraint requirements/build.lock \
		--output-file requirements/dev.lock $(ARGS)
	$(COMPILE) --group delivery --constraint requirements/dev.lock --output-file requirements/delivery.lock $(ARGS)
	$(COMPILE) pyproject.toml --all-extras --resolution lowest-direct --output-file requirements/lowest.lock $(ARGS)

vendor: ## unpack lit-html from npm into the page, if it is what its lock says; ARGS="--update 3.3.4" locks another version
	@$(PYTHON) requirements/vendor.py $(ARGS)

clean: ## remove what these targets created
	rm -rf $(VENV) $(LOWEST) dist .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache

# A new lock means a new environment, without the packages that the lock no longer names
$(VENV)/runtime: requirements/runtime.lock requirements/build.lock
	$(if $(shell $(PYTHON) -c 'import sys; print(sys.version_info >= (3, 11) or "")' 2>&1 | grep True),,$(error \
	mockserver needs Python 3.11 or newer, and $(PYTHON) is not: choose one, such as `make $(MAKECMDGOALS) PYTHON=python3.13`))
	@echo "Installing into $(VENV), once ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(LOCKED) -r requirements/runtime.lock -r requirements/build.lock
	@touch $@

# The development tools, then the oldest versions in place of those that the project needs
$(LOWEST)/installed: $(VENV)/development requirements/lowest.lock
	@echo "Installing into $(LOWEST), once ..."
	@$(PYTHON) -m venv --clear --without-pip $(LOWEST)
	@$(LOWEST_INSTALL) --require-hashes --no-deps --only-binary :all: -r requirements/dev.lock
	@$(LOWEST_INSTALL) --require-hashes --no-deps --only-binary :all: -r requirements/lowest.lock
	@$(LOWEST_INSTALL) --no-index --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/project: $(VENV)/runtime pyproject.toml
	@$(PIP) install --quiet --no-index --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q mockserver  # pip does this for all packages except editable ones
	@touch $@

$(VENV)/development: $(VENV)/runtime requirements/dev.lock
	@echo "Installing the development tools into $(VENV), once ..."
	@$(LOCKED) -r requirements/dev.lock
	@touch $@

$(VENV)/delivery: $(VENV)/development requirements/delivery.lock
	@echo "Installing the tools that check the delivery into $(VENV), once ..."
	@$(LOCKED) -r requirements/delivery.lock
	@touch $@
