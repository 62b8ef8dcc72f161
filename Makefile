# Two commands: `make report` and `make test`. Both set up .venv on their first call. GNU make 4, POSIX sh.

PYTHON ?= python3
BIN := .venv/bin
PAGE := reports/index.html
REPORTED := dvc.lock reports/summary.json reports/metrics.json
EXTRAS := lightning transformers tensorboard
VEGA := .dvc/plots/vega.sha256

.DELETE_ON_ERROR:
.PHONY: help report plots test fast extras smoke bench lint format clean

help:
	@echo 'make report  train, measure, judge (dvc repro); prints where the page is (a quarter of an hour)'
	@echo 'make smoke   the same for one study on a small grid, in build/smoke (a minute)'
	@echo 'make plots   the main curves, by DVC; from then on `dvc plots show` and `diff` need no network'
	@echo 'make test    every test and all checks'
	@echo 'make fast    the tests that take seconds'
	@echo 'make extras  the tests of the callbacks and of the writer, each with the real library in an environment of its own'
	@echo 'make bench   time training against a process per cell, joblib and JAX (a quarter of an hour)'
	@echo 'make lint    formatting, lint and import contracts'
	@echo 'make format  put the code in shape'
	@echo 'make clean   remove .venv and everything that can be built again, finished cells included'

report: .venv/pipeline.stamp
	@$(BIN)/python -m normshift.cli
	@if test -n "$$(git status --porcelain -- $(REPORTED))"; then \
	  echo 'dvc.lock and reports/*.json differ from the committed ones: another processor, or other choices'; fi
	@echo "$(CURDIR)/$(PAGE)"

smoke: .venv/pipeline.stamp
	@$(BIN)/python -m normshift.report --root build/smoke profile=smoke 'studies=[core]'
	@mkdir -p reports && { test -e $(PAGE) || cp build/smoke/$(PAGE) $(PAGE); }
	@echo "$(CURDIR)/build/smoke/$(PAGE)"

plots: .venv/pipeline.stamp build/vega/stamp
	@test -d reports/curves || { echo 'no run here yet: make report' >&2; exit 1; }
	@$(BIN)/python -m dvc plots show

test: lint
	$(BIN)/python -m pytest

fast: .venv/test.stamp
	$(BIN)/python -m pytest -m 'not slow and not browser and not gpu'

extras: $(EXTRAS:%=build/extras/%/stamp)
	@for extra in $(EXTRAS); do \
	  NORMSHIFT_EXTRA=$$extra build/extras/$$extra/bin/python -m pytest tests/recorder/extras/test_$$extra.py || exit 1; done

bench: .venv/bench.stamp
	$(BIN)/python -m benchmarks.train

lint: .venv/test.stamp
	$(BIN)/ruff check src tests benchmarks examples
	$(BIN)/ruff format --check src tests benchmarks examples
	$(BIN)/lint-imports

format: .venv/test.stamp
	$(BIN)/ruff check --fix src tests benchmarks examples
	$(BIN)/ruff format src tests benchmarks examples

clean:
	rm -rf .venv build data reports/index.html reports/curves reports/figures reports/tables dvc_plots

build/extras/%/stamp: pyproject.toml constraints.txt
	$(PYTHON) -m venv build/extras/$*
	build/extras/$*/bin/python -m pip install -c constraints.txt -e '.[$*]' pytest pytest-timeout
	@touch $@

# What DVC's plots are drawn with, as it is published: the three files that .dvc/plots/page.html looks for.
build/vega/stamp: $(VEGA)
	@command -v npm >/dev/null || \
	  { echo 'make plots needs npm once (Debian: apt-get install npm)' >&2; exit 1; }
	@rm -rf build/vega && mkdir -p build/vega
	@cd build/vega && npm pack --silent $$(sed 's/.* //; s/-\([0-9.]*\)\.tgz$$/@\1/' ../../$(VEGA)) >/dev/null
	@cd build/vega && sha256sum --quiet -c ../../$(VEGA)
	@cd build/vega && for file in *.tgz; do \
	  name=$${file%-*}; tar -xzOf $$file package/build/$$name.min.js >$$name.min.js && rm $$file || exit 1; done
	@touch $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'normshift needs Python 3.11 or newer: make PYTHON=python3.12 ...' >&2; exit 1; }
	$(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo 'no .venv: is the venv module installed (Debian: apt-get install python3-venv)?' >&2; exit 1; }

.venv/pipeline.stamp: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install -c constraints.txt -e '.[pipeline]'
	@touch $@

.venv/test.stamp: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install -c constraints.txt -e '.[pipeline,cluster,test]'
	@touch $@ .venv/pipeline.stamp

.venv/bench.stamp: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install -c constraints.txt -e '.[pipeline,bench]'
	@touch $@ .venv/pipeline.stamp
