# Everything the project does, from a bare machine: Python 3.11 to 3.13 and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
NOTEBOOKS := $(sort $(wildcard notebooks/*.ipynb))
SCORECARD := _build/scorecard.json

# Stored outputs hold no progress lines.
export WINDLIB_PROGRESS := 0

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup book stored test lint unit notebooks pages browser bench lab reproduce execute lock clean

help:  ## what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: $(READY)  ## the environment, in .venv, from the hash-checked lock

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else \
	    "Python %d.%d found, 3.11 to 3.13 needed: make PYTHON=python3.11 ..." % v)'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# What the scorecard's page is made of; made anew when windlib or a trained run changed.
$(SCORECARD): $(READY) $(wildcard windlib/*.py windlib/*/*.py) windlib/trained $(wildcard windlib/trained/*)
	mkdir -p $(@D)
	$(BIN)/windlib scorecard --json >$@.partial
	mv $@.partial $@

ON_ALL_CORES := -n auto --dist loadfile
BUILD := $(BIN)/jupyter-book build --all --warningiserror --nitpick --keep-going

book: $(READY) $(SCORECARD)  ## the book, every notebook executed, in _build/html/index.html
	$(BUILD) .

test: lint unit notebooks stored pages  ## everything that must hold

# The book from the notebooks' stored outputs, which `notebooks` has compared with new ones.
stored: $(READY) $(SCORECARD)
	sed 's/execute_notebooks: force/execute_notebooks: "off"/' _config.yml >.stored.yml
	$(BUILD) --config .stored.yml .

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

unit: $(READY)
	$(BIN)/pytest $(ON_ALL_CORES) --ignore=tests/test_pages.py
	$(BIN)/windlib verify

# With two threads, and `execute` with one: a number that changes from run to run, or with the
# threads, is no result.
notebooks: $(READY)
	OMP_NUM_THREADS=2 TF_NUM_INTRAOP_THREADS=2 $(BIN)/pytest $(ON_ALL_CORES) --nbval $(NOTEBOOKS)

pages: $(READY) browser
	$(BIN)/pytest tests/test_pages.py

browser:
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do \
	    command -v $$name >/dev/null && exit 0; done; \
	command -v apt-get >/dev/null || { echo "make: install Chromium, then try again" >&2; exit 1; }; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	echo "installing Chromium, to look at the pages: $$sudo apt-get install chromium"; \
	$$sudo apt-get update -qq && \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium

lab: $(READY)  ## the notebooks, in JupyterLab
	WINDLIB_PROGRESS=1 $(BIN)/jupyter lab notebooks

reproduce: $(READY)  ## every network trained anew at full scale, into _build/trained; resumable
	WINDLIB_PROGRESS=1 $(BIN)/windlib reproduce --archive _build/trained
	$(BIN)/windlib scorecard --archive _build/trained

bench: $(READY)  ## speeds, as ratios
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/sampling.py
	$(BIN)/python benchmarks/determinants.py

execute: $(READY)  ## the notebooks' stored outputs, made anew
	OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 \
	    $(BIN)/jupyter nbconvert --to notebook --inplace --execute $(NOTEBOOKS)

lock:  ## requirements.lock, made anew from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --all-extras \
	    --generate-hashes --no-emit-index-url --no-header -o requirements.lock pyproject.toml

clean:  ## remove the built book
	rm -rf .stored.yml _build/html _build/jupyter_execute _build/.doctrees _build/.jupyter_cache $(SCORECARD)
