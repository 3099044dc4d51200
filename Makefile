# make serve, test, soak, eval, bench, check: each makes the environment it needs first.
# Settings of the service are passed on as environment: make serve PORT=9000 CORPUS=~/notes

PYTHON ?= python3
SERVE  := .venv/bin/python
DEV    := .venv-dev/bin/python

# Only what stands on the command line of make is meant: many shells export a HOST of their own.
ifeq ($(origin HOST),command line)
export QA_HOST = $(HOST)
endif
ifeq ($(origin PORT),command line)
export QA_PORT = $(PORT)
endif
ifeq ($(origin CORPUS),command line)
export QA_CORPUS = $(CORPUS)
endif
ifeq ($(origin SEMANTIC),command line)
export QA_SEMANTIC = $(SEMANTIC)
endif

# The tests start the program some hundred times, which should not be compiled each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: serve test soak eval bench check format lock resiliency screenshots clean

# The semantic option needs more than serving does, so it is installed when it is first asked for.
serve: .venv/ready $(if $(filter-out off,$(SEMANTIC)),.venv/semantic)
	@exec $(SERVE) server.py

# A process a core; each takes a test from the other's heap when its own is done.
test: .venv-dev/ready
	$(DEV) -m pytest --numprocesses=logical --dist=worksteal

# One after the other, because they measure.
soak: .venv-dev/ready
	$(DEV) -m pytest -m soak tests/soak

eval: .venv-dev/ready
	$(DEV) eval/evaluate.py $(if $(filter-out off,$(SEMANTIC)),--semantic '$(SEMANTIC)')

bench: .venv/ready $(if $(filter-out off,$(SEMANTIC)),.venv/semantic)
	$(SERVE) eval/bench.py

check: .venv-dev/ready
	$(DEV) -m ruff format --check .
	$(DEV) -m ruff check .
	$(DEV) -m mypy

format: .venv-dev/ready
	$(DEV) -m ruff format .
	$(DEV) -m ruff check --fix .

# The table of known ways to fail, with what became of the tests of each.
resiliency: .venv-dev/ready
	$(DEV) -m pytest --numprocesses=logical --dist=worksteal -p tests.resiliency

# What the container installs: every package at one version with its hashes. Nothing of this machine stands in it.
lock: .venv-dev/ready
	CUSTOM_COMPILE_COMMAND="make lock" $(DEV) -m piptools compile --quiet --generate-hashes --strip-extras \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
	  --output-file requirements.lock pyproject.toml

screenshots: .venv-dev/ready
	$(DEV) -m tests.screenshots

clean:
	rm -rf .venv .venv-dev build *.egg-info

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(SERVE) -m pip install --quiet --editable .
	@touch $@

.venv/semantic: .venv/ready
	$(SERVE) -m pip install --quiet --editable '.[semantic]'
	@touch $@

.venv-dev/ready: pyproject.toml
	$(PYTHON) -m venv .venv-dev
	$(DEV) -m pip install --quiet --editable '.[dev]'
	@touch $@
