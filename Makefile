# A thin face over venv and pip. Needs python3.11 or later with venv, and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp-$(shell cat requirements.lock pyproject.toml 2>/dev/null | cksum | cut -d' ' -f1)

.PHONY: demo serve test slow test-stores soak check bench lock clean
.DEFAULT_GOAL := demo

$(STAMP):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "acuerdo needs Python 3.11 or later; say PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "The venv module is missing; on Debian: apt install python3-venv"; exit 1; }
	@echo "Setting up $(VENV) (once) …"
	@if command -v uv >/dev/null 2>&1; then VIRTUAL_ENV=$(VENV) uv pip install -q --require-hashes -r requirements.lock; \
	 else $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock; fi
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.stamp-*; touch $(STAMP)

demo: $(STAMP)
	@$(BIN)/acuerdo demo

serve: $(STAMP)
	@$(BIN)/acuerdo build examples
	@$(BIN)/acuerdo serve

test: $(STAMP)
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -n 2 -m "not slow"

slow: $(STAMP)
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -m slow --ignore tests/stores

test-stores: $(STAMP)
	@tests/stores/install
	@ACUERDO_REQUIRE_STORES=1 PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -m slow tests/stores

soak: $(STAMP)
	@ACUERDO_SOAK=600 $(BIN)/python -m pytest -m slow tests/serve/test_attack.py -k soak

check: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

clean:
	rm -rf $(VENV) kg .pytest_cache .mypy_cache .ruff_cache
