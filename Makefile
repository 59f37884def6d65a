# The habits of this tree under short names; `make help` lists them. Every one is a command of one or two lines that can be typed
# just as well.
#
# SPDX-License-Identifier: MIT
.DEFAULT_GOAL := help
.PHONY: help setup build build-swig demo check test test-c test-python test-lua stress stress-full fuzz fuzz-keep
.PHONY: bench-build bench bench-quick bench-keep kill-all kill-million kill-crew
.PHONY: asan valgrind tsan coverage check-platforms inject model lint format wheel rock install
.PHONY: clean

PYTHON := .venv/bin/python
C_FILES = $(shell git ls-files --cached --others --exclude-standard -- '*.c' '*.h')
PREFIX ?= /usr/local

help: ## list these habits
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing: Debian packages, and Python packages into .venv
	@sh tools/setup.sh

build: setup ## build everything into build/ and .venv
	@sh tools/build.sh

demo: ## count the words of real files in three languages at once
	@sh tools/demo.sh

build-swig: ## the Java, Ruby and Perl packages, of the languages that are installed
	@sh tools/build.sh swig

check: ## set up, build, run every test (sh tools/check.sh --list names the steps)
	@sh tools/check.sh

test: ## the C, Python and Lua tests, without the slow steps
	@sh tools/check.sh c-gcc python lua

test-c: ## the C tests
	@sh tools/check.sh c-gcc headers

test-python: ## the Python tests
	@sh tools/check.sh python

test-lua: ## the Lua tests, and again with the collector run all the time
	@sh tools/check.sh lua lua-collector

stress: ## races, kills and files that are cut, a few seconds of each
	@sh tools/check.sh stress

stress-full: build ## the same, all of it: some minutes
	@for subject in race kill truncate attach well_kill; do \
	  STRESS=full HARNESS_TIME_LIMIT=1800 build/tests/test_$$subject || exit 1; done
	@STRESS=full $(PYTHON) -m pytest -q tests/stress

kill-all: build ## kill at every change and system call of every call on a well, and so whoever comes then: forty minutes
	@KILL=all HARNESS_TIME_LIMIT=36000 build/tests/test_death

kill-million: build ## kill a million processes that share a well, with the log in build/kill-million.log
	@KILLS=1000000 HARNESS_TIME_LIMIT=36000 build/tests/test_well_kill >build/kill-million.log 2>&1; code=$$?; \
	  tail -n 4 build/kill-million.log; exit $$code

kill-crew: build ## kill 20000 Python, Lua and C programs that share a well, or KILLS=100000 of them
	@KILLS=$(or $(KILLS),20000) $(PYTHON) -m pytest -q -s -o faulthandler_timeout=0 tests/stress/test_crew.py

fuzz: setup ## the fuzz targets, TIME=600 seconds each, or RUNS=1000000 executions each, or TARGETS="calls"
	@$(PYTHON) tests/fuzz/run.py $(if $(RUNS),--runs $(RUNS),--seconds $(or $(TIME),600)) $(TARGETS)

fuzz-keep: setup ## put what fuzzing has found of new ways through the code into tests/fuzz/corpus
	@$(PYTHON) tests/fuzz/run.py --keep $(TARGETS)

bench-build:
	@sh tools/setup.sh bench
	@sh tools/build.sh
	@sh tools/build.sh swig

bench: bench-build ## every benchmark beside its peers (sets up what they need), or ONLY="lock semaphore"
	@$(PYTHON) bench/run.py $(ONLY:%=--only %)

bench-quick: bench-build ## the same, each only for a moment, without what takes long: under two minutes once it is built
	@$(PYTHON) bench/run.py --quick

bench-keep: bench-build ## two runs of all, ROUNDS=60 each, and docs/performance.md and its pictures from them
	@$(PYTHON) bench/run.py --rounds $(or $(ROUNDS),60) --json bench/results.jsonl
	@$(PYTHON) bench/run.py --rounds $(or $(ROUNDS),60) --json bench/again.jsonl
	@$(PYTHON) bench/run.py --write-docs bench/results.jsonl --again bench/again.jsonl --write-pictures bench/results.jsonl

instructions: ## what the hottest calls take, by valgrind, beside bench/instructions.json
	@sh tools/check.sh instructions

asan: ## C, Python and Lua tests under the address and undefined-behaviour sanitizers
	@sh tools/check.sh asan-gcc asan-clang

valgrind: ## the C tests under valgrind
	@sh tools/check.sh valgrind

tsan: ## the threaded C tests under the thread sanitizer
	@sh tools/check.sh tsan

check-platforms: ## the core and its tests on musl, and on aarch64 under qemu
	@sh tests/libc/run_tests.sh . musl musl-gcc
	@sh tests/libc/run_tests.sh . aarch64 aarch64-linux-gnu-gcc qemu-aarch64

coverage: ## which branches of the core the C tests take: build/coverage/coverage.html
	@sh tools/check.sh coverage
	@sed -n '/^File/,$$p' build/check/logs/coverage.log

inject: ## every system call and allocation of the core, failing in turn
	@sh tools/check.sh inject

model: setup ## every SPIN model of the well's locks and its directory, and every mutant of them: some minutes
	@$(PYTHON) tests/model/run.py $(MODELS)

lint: ## clang-format, clang-tidy, ruff, mypy, stubtest, luacheck, tidy
	@sh tools/check.sh form-c bugs-c form-python types-python form-lua form-tree

format: setup ## bring C and Python files into their form
	clang-format -i $(C_FILES)
	.venv/bin/ruff format .

wheel: setup ## the abi3 wheel and the sdist, in dist/
	$(PYTHON) -m build

rock: setup ## prove that luarocks make works
	@sh tools/check.sh rock

install: build ## install the C library and the Lua module to PREFIX (/usr/local)
	cmake --install build --prefix $(PREFIX)

clean: ## remove what was built; .venv stays
	rm -rf build dist
	find . -name __pycache__ -not -path './.venv/*' -type d -exec rm -rf {} +
	find . -name '*.egg-info' -not -path './.venv/*' -type d -exec rm -rf {} +
