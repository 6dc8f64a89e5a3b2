# Everything the project does, from a bare machine: Python 3.11 to 3.13 and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python
READY := $(VENV)/.ready
CORES := $(shell getconf _NPROCESSORS_ONLN)
NOTEBOOKS := $(sort $(wildcard notebooks/*.ipynb))
# Those that take longest are compared first, so that at the end no core waits for the other.
LONGEST := $(patsubst %,notebooks/%.ipynb,06_nonhermitian_aah 02b_variations 00b_networks 03_regularization 02_general_aiii)
EXECUTED := $(NOTEBOOKS:%=_build/executed/%)
SCORECARD := _build/scorecard.json
SOURCES := $(wildcard windlib/*.py windlib/*/*.py) windlib/trained $(wildcard windlib/trained/*)

# Stored outputs hold no progress lines.
SILENT := WINDLIB_PROGRESS=0

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
ifndef PARALLEL
.NOTPARALLEL:
endif
.PHONY: help setup executed interop \
    book pdf stored test quick soak times readme lint unit verify notebooks pages browser bench rivals lab \
    reproduce execute lock clean

help:  ## what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: $(READY)  ## the environment, in .venv, from the hash-checked lock

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else \
	    "Python %d.%d found, 3.11 to 3.13 needed: make PYTHON=python3.11 ..." % v)'
	$(PYTHON) -m venv --clear $(VENV)
	@# uv, from the lock like all else, installs the rest in a third of pip's time.
	sed -n '/^uv==/,/[^\\]$$/p' requirements.lock >$(VENV)/uv.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
	$(INSTALL) --compile-bytecode --require-hashes -r requirements.lock || \
	    $(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(INSTALL) --no-deps --no-build-isolation -e .
	touch $@

# What the scorecard's page is made of; made anew when windlib or a trained run changed.
$(SCORECARD): $(READY) $(SOURCES)
	mkdir -p $(@D)
	$(BIN)/windlib scorecard --json >$@.partial
	mv $@.partial $@

# So are the notebooks' outputs, each notebook for itself.
_build/executed/%.ipynb: %.ipynb $(READY) $(SOURCES)
	mkdir -p $(@D)
	$(SILENT) $(BIN)/jupyter nbconvert --log-level=WARN --to notebook --execute --coalesce-streams --ExecutePreprocessor.record_timing=False \
	    --ExecutePreprocessor.timeout=900 --stdout $< >$@.partial
	mv $@.partial $@

executed: $(SCORECARD) $(EXECUTED)

ON_ALL_CORES := -n auto --dist loadfile

# The book of the notebooks in a folder, from a folder of sources with nothing else in it.
define BUILD
rm -rf _build/source
mkdir -p _build/source
cp -R _config.yml _toc.yml CHANGELOG.md book _build/source
mkdir _build/source/notebooks
cp $(1)/*.ipynb _build/source/notebooks
cp $(SCORECARD) _build/source/book
$(BIN)/jupyter-book build --all --warningiserror --nitpick --keep-going --path-output . _build/source
endef

book: $(READY)  ## the book, every notebook executed, in _build/html/index.html
	$(MAKE) PARALLEL=1 --jobs=$(CORES) executed
	$(call BUILD,_build/executed/notebooks)

# Each target's lines stay together, where make can do that.
TOGETHER := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

# What the browser sees comes last, alone: pages that move are judged by how they move.
test: $(READY)  ## everything that must hold
	$(MAKE) PARALLEL=1 --jobs=$(CORES) $(TOGETHER) stored lint verify unit notebooks
	$(MAKE) pages

# From stored outputs, which `notebooks` has compared with new ones.
stored: $(READY) $(SCORECARD)
	$(call BUILD,notebooks)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit: $(READY) $(SCORECARD)
	SCORECARD=$(SCORECARD) $(BIN)/pytest $(ON_ALL_CORES) --ignore=tests/test_pages.py --ignore=tests/test_live.py

# `make soak` trains the first epoch of every recipe again.
verify: $(READY)
	$(BIN)/windlib verify --retrain few

# What a changed line breaks first: curves and their winding numbers, systems, drawn data.
QUICK := windlib/winding.py windlib/arguments.py windlib/hamiltonians \
    $(patsubst %,tests/test_%.py,arguments winding ssh chiral hatano_nelson nonhermitian_ssh aah dirac datasets)

quick: lint  ## an answer in a minute, after a change in what makes curves and labels
	$(BIN)/pytest $(ON_ALL_CORES) -x $(QUICK)

# An extra that the lock leaves out, beside the lock's versions of all else.
define EXTRA
sed -n '/==/s/ *\\$$//p' requirements.lock >$(VENV)/constraints.txt
$(BIN)/pip install --quiet --disable-pip-version-check -c $(VENV)/constraints.txt \
    --no-build-isolation -e '.[$(1)]'
endef

soak: $(READY) browser stored  ## the long checks, and their records for the book's page; many hours
	$(call EXTRA,soak)
	$(BIN)/python -m soak

# `execute` stores outputs with one thread and all that the processor has. They are compared with
# two threads, and without AVX-512 where there is any: a number that changes then is no result.
# Who sets threads or XLA_FLAGS, has them compared with these.
OMP_NUM_THREADS ?= 2
TF_NUM_INTRAOP_THREADS ?= 2
OTHER := OMP_NUM_THREADS=$(OMP_NUM_THREADS) TF_NUM_INTRAOP_THREADS=$(TF_NUM_INTRAOP_THREADS)
ifeq ($(origin XLA_FLAGS)$(shell grep -swom1 avx512f /proc/cpuinfo),undefinedavx512f)
    OTHER += XLA_FLAGS=--xla_cpu_max_isa=AVX2 OPENBLAS_CORETYPE=Haswell \
        NPY_DISABLE_CPU_FEATURES="X86_V4 AVX512_ICL AVX512_SPR"
endif

notebooks: $(READY)
	$(OTHER) $(BIN)/pytest $(ON_ALL_CORES) --no-loadscope-reorder --nbval \
	    $(LONGEST) $(filter-out $(LONGEST),$(NOTEBOOKS))

pages: $(READY) browser
	$(BIN)/pytest -n 2 --dist worksteal tests/test_pages.py tests/test_live.py

browser:
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do \
	    command -v $$name >/dev/null && exit 0; done; \
	command -v apt-get >/dev/null || { echo "make: install Chromium, then try again" >&2; exit 1; }; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	echo "installing Chromium, to look at the pages: $$sudo apt-get install chromium"; \
	$$sudo apt-get update -qq && \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium

# The book on one page, which is printed. CODE=1 prints the folded code too.
pdf: $(READY) browser stored  ## the book as one PDF, _build/book.pdf; CODE=1 with all its code
	$(BIN)/jupyter-book build --builder singlehtml --path-output _build/pdf _build/source
	cp _build/pdf/_build/singlehtml/book/index.html _build/pdf/_build/singlehtml/book.html
	$(BIN)/python book/print.py _build/pdf/_build/singlehtml/book.html _build/book.pdf $(if $(CODE),--code)

lab: $(READY)  ## the notebooks, in JupyterLab
	$(BIN)/jupyter lab notebooks

reproduce: $(READY)  ## every network trained anew at full scale, into _build/trained; resumable
	$(BIN)/windlib reproduce --archive _build/trained
	$(BIN)/windlib scorecard --archive _build/trained

BENCHMARKS := training epoch sampling determinants scaling many bloch

bench: $(READY)  ## speeds, as ratios, for the book's page; three quarters of an hour, better with `rivals`
	for name in $(BENCHMARKS); do $(BIN)/python benchmarks/$$name.py || exit 1; done

rivals: $(READY)  ## what `make bench` compares with: PyTorch and JAX, into .venv
	$(call EXTRA,rivals)

times: $(READY)  ## how long the book's own commands take, for its performance page
	$(BIN)/python benchmarks/book.py

readme: $(READY) $(SCORECARD)  ## the README's numbers, made anew
	$(BIN)/python book/_extensions/readme.py $(SCORECARD)

# Models of other packages, in an environment of their own: Kwant needs an old NumPy, and PythTB 2
# a Python that is newer than Kwant's. Kwant is built from its sources, with the NumPy that is there.
INTEROP := _build/interop
OTHERS := import tomllib; project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
    print(*project["optional-dependencies"]["interop"], sep="\n")

interop:  ## models of PythTB, TBmodels, sisl and Kwant against windlib, and their record
	$(PYTHON) -m venv --clear $(INTEROP)
	$(PYTHON) -c '$(OTHERS)' >$(INTEROP)/packages.txt
	$(INTEROP)/bin/pip install --quiet pytest joblib cloudpickle tqdm "setuptools<81" wheel
	grep -v kwant $(INTEROP)/packages.txt >$(INTEROP)/wheels.txt
	$(INTEROP)/bin/pip install --quiet -r $(INTEROP)/wheels.txt
	$(INTEROP)/bin/pip install --quiet --no-cache-dir --no-build-isolation -r $(INTEROP)/packages.txt
	PYTHONPATH=. $(INTEROP)/bin/python -W ignore tests/interop/packages.py
	$(INTEROP)/bin/pytest -c tests/interop/pytest.ini tests/interop

execute: $(READY)  ## the notebooks' stored outputs, made anew
	$(SILENT) OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 \
	    $(BIN)/jupyter nbconvert --to notebook --inplace --execute --coalesce-streams --ExecutePreprocessor.record_timing=False $(NOTEBOOKS)

lock: $(READY)  ## requirements.lock, made anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	    --extra book --extra test --extra cluster --generate-hashes \
	    --no-emit-index-url --no-header -o requirements.lock pyproject.toml

clean:  ## remove the built book
	rm -rf _build/html _build/.doctrees _build/source _build/executed $(SCORECARD)
