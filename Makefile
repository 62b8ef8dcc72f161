# Two commands: `make report` and `make test`. Both set up .venv on their first call. GNU make 4, POSIX sh.

PYTHON ?= python3
BIN := .venv/bin
PAGE := reports/index.html
REPORTED := dvc.lock reports/summary.json reports/metrics.json

.DELETE_ON_ERROR:
.PHONY: help report test fast smoke bench lint format clean

help:
	@echo 'make report  train, measure, judge (dvc repro); prints where the page is (a quarter of an hour)'
	@echo 'make smoke   the same for one study on a small grid, in build/smoke (a minute)'
	@echo 'make test    every test and all checks'
	@echo 'make fast    the tests that take seconds'
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

test: lint
	$(BIN)/python -m pytest

fast: .venv/test.stamp
	$(BIN)/python -m pytest -m 'not slow and not browser and not gpu'

bench: .venv/bench.stamp
	$(BIN)/python -m benchmarks.train

lint: .venv/test.stamp
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/lint-imports

format: .venv/test.stamp
	$(BIN)/ruff check --fix src tests benchmarks
	$(BIN)/ruff format src tests benchmarks

clean:
	rm -rf .venv build data reports/index.html reports/figures reports/tables

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'normshift needs Python 3.11 or newer: make PYTHON=python3.12 ...' >&2; exit 1; }
	$(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo 'no .venv: is the venv module installed (Debian: apt-get install python3-venv)?' >&2; exit 1; }

.venv/pipeline.stamp: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install -c constraints.txt -e '.[pipeline]'
	@touch $@

.venv/test.stamp: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install -c constraints.txt -e '.[pipeline,test]'
	@touch $@ .venv/pipeline.stamp

.venv/bench.stamp: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install -c constraints.txt -e '.[pipeline,bench]'
	@touch $@ .venv/pipeline.stamp
