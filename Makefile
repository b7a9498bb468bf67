# The two commands of the README: `make run` and `make test`. Everything is installed in .venv, from locked versions.
# What tests need of the system, and skip without: Chromium, GDAL's and QGIS's Python modules (`.ci/run` installs them).
PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Dozens of processes of the tests import the package: what Python has compiled is kept, whatever the caller's settings.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test tests test-quick lint docs mutants catalogues lock clean

run: $(VENV)/.run
	$(BIN)/psttm-geo app --port $(PORT)

# The linters run beside the tests.
test: $(VENV)/.test
	@$(MAKE) --no-print-directory --jobs=2 lint tests

tests: $(VENV)/.test
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

# Whoever changes a line: the rooms one by one, without what builds deliveries or takes its time.
QUICK := $(addprefix tests/unit/,access app core osm plan schema services territory webmap) tests/properties

test-quick: $(VENV)/.test
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal -m "not slow" $(QUICK)

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

docs: $(VENV)/.test
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "Open site/index.html."

# What the tests of the analysis do not notice; an hour or more on two cores, by hand.
mutants: $(VENV)/.test
	$(BIN)/python benchmarks/mutants.py

$(VENV)/.venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "psttm-geo needs Python 3.11 or later; name one with: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.venv requirements.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.venv requirements-dev.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.run

# The Italian of the sentences in the code: new ones come without, those that are gone go, and the catalogue is compiled.
LOCALE := psttm_geo/locale
CATALOGUE := $(LOCALE)/it/LC_MESSAGES/psttm_geo

catalogues: $(VENV)/.test
	$(BIN)/pybabel --quiet extract --keywords=pgettext:1c,2 --keywords=say --add-location=file --sort-by-file \
		--output=$(LOCALE)/psttm_geo.pot psttm_geo
	$(BIN)/pybabel --quiet update --input-file=$(LOCALE)/psttm_geo.pot --output-file=$(CATALOGUE).po --locale=it \
		--width=120 --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	rm $(LOCALE)/psttm_geo.pot
	$(BIN)/pybabel --quiet compile --input-file=$(CATALOGUE).po --output-file=$(CATALOGUE).mo --locale=it

# Both locks hold one set of versions for all systems and Python versions, with hashes and no addresses.
lock:
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --no-annotate --quiet -o requirements-dev.lock
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --no-annotate --quiet --constraint requirements-dev.lock -o requirements.lock

clean:
	rm -rf $(VENV) build dist mutants site .pytest_cache .mypy_cache .ruff_cache .hypothesis
