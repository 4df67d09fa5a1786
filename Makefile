# Everything a newcomer needs. `make help` lists it.
SHELL := bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What is in .venv was installed from these. `uv` installs it; its own version is pinned here.
UV := uv==0.13.8
STAMP := $(VENV)/.installed
COMPILED := $(VENV)/.compiled
# Each runs whole test files and starts its own stores. Two more than two cores: often some of them wait for a server.
TEST_PROCESSES ?= 4
# Images of containers often set it. Nothing in .venv is compiled when it is installed, so each process would compile half a million lines again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help up down status test tests lint lock docs bench-cycle bench-cycle-large bench-owners bench-profiles bench-hourly-profiles bench-replay bench-inbox bench-delivery bench-growth seven-days soak fuzz chaos bench-page bench-forms pictures simulate

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

up: $(STAMP) ## start everything, run the main job, print where to look (WALLETFLOW_PORT_BASE, WALLETFLOW_HOME)
	@$(BIN)/walletflow up

down: $(STAMP) ## stop exactly what `make up` started
	@$(BIN)/walletflow down

status: $(STAMP) ## what runs, and where
	@$(BIN)/walletflow status

test: $(STAMP) ## linters, types, the import rule, and every test
	@$(MAKE) --no-print-directory -j 2 lint tests  # mypy works alone for half a minute: the tests use the other processor

tests: $(COMPILED) ## every test
	$(BIN)/pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

# Each process of pytest compiles the tests, 500 files, that are not compiled yet: one does it, where any is new. What it finds wrong the tests say.
$(COMPILED): $(STAMP) $(shell find tests -name '*.py')
	@$(BIN)/pytest --collect-only -q > /dev/null 2>&1 || true
	@touch $@

lint: $(STAMP) ## ruff, mypy --strict, and the rule that imports point one way
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

lock: $(STAMP) ## resolve pyproject.toml anew into requirements.txt, with hashes and without hosts
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --output-file requirements.txt

docs: $(STAMP) ## write docs/settings.md, reasons.md and data_dictionary.md anew from the code
	@$(BIN)/python -m deployments.reference_pages

bench-cycle: $(STAMP) ## p50 and p95 of a warm copy cycle, and where its time goes
	@POLARS_MAX_THREADS=1 $(BIN)/python -m benchmarks.copy_cycle  # as the warm worker

bench-cycle-large: $(STAMP) ## one cycle over 10,000 new trades with 50,000 followed wallets: seconds, feed calls, memory
	@$(BIN)/python -m benchmarks.large_cycle

bench-owners: $(STAMP) ## how long 300,000 payments and a million trades take to become owners
	@$(BIN)/python -m benchmarks.owners

bench-profiles: $(STAMP) ## full profiling with skill of 100,000 wallets and 10 million trades: seconds and memory
	@$(BIN)/python -m benchmarks.profiles

bench-hourly-profiles: $(STAMP) ## ten hourly runs over 10 million trades and over a quarter of them: does the cost follow the new rows?
	@$(BIN)/python -m benchmarks.hourly_profiles

bench-replay: $(STAMP) ## a replay in memory: cycles a second, CPU seconds, and a hash of its result
	@$(BIN)/python -m benchmarks.replay

bench-inbox: $(STAMP) ## 1,000 intents a second for a minute, and p99 at 200 a second: what is accepted and not stored, CPU, memory
	@$(BIN)/python -m benchmarks.inbox

bench-delivery: $(STAMP) ## a whole stack on the sandbox's chain: seconds from a webhook's delivery to signal and order; fails at 5 s (p95)
	@$(BIN)/python -m benchmarks.delivery

bench-growth: $(STAMP) ## how many bytes a day a home grows by, by store and table, over three hours of the sandbox's world
	@$(BIN)/python -m benchmarks.growth

seven-days: $(STAMP) ## seven days of the sandbox's world with nobody there: reports, alerts, growth. Hours
	@$(BIN)/python -m benchmarks.seven_days

soak: $(STAMP) ## 2,000 cycles in a row on a whole house: is memory flat within 5 %, are handles and connections constant?
	@$(BIN)/python -m benchmarks.soak

FUZZ_INPUTS ?= 1000000
FUZZ_SEED ?= 1
fuzz: $(STAMP) ## so many made-up inputs before the inbox, the readers of feeds, recordings and intents files (FUZZ_INPUTS, FUZZ_SEED)
	@FUZZ_INPUTS=$(FUZZ_INPUTS) FUZZ_SEED=$(FUZZ_SEED) $(BIN)/pytest -q -s -n 0 tests/fuzz

CHAOS_KILLS ?= 200
CHAOS_FAULTS ?= 2000
CHAOS_SEED ?= 20261128
CHAOS_DISK_MIB ?= 0
chaos: $(STAMP) ## kill a whole house 200 times and spoil 2,000 of its calls: what was lost, what doubled, how long each recovery took
	@$(BIN)/python -m chaos --kills $(CHAOS_KILLS) --faults $(CHAOS_FAULTS) --seed $(CHAOS_SEED) --disk-mib $(CHAOS_DISK_MIB)

bench-page: $(STAMP) ## every tab of the results page in a house of a million signals and ten million trades; fails above 1 s
	@$(BIN)/python -m benchmarks.results_page

bench-forms: $(STAMP) ## each flow that a person asks for, in a house of that size; fails where a run takes above 1 s
	@$(BIN)/python -m benchmarks.forms

pictures: $(STAMP) ## README's pictures of the results page, of the home that runs now (WALLETFLOW_HOME)
	@PICTURES=1 $(BIN)/pytest -q -n 0 tests/notebooks/test_in_browser.py

SEEDS ?= 1000
simulate: $(STAMP) ## the cycle, an exchange, a clock and a network in one process, with faults by seed (SEEDS=10000; SEED=1234 tells one's story)
	@POLARS_MAX_THREADS=1 $(BIN)/python -m simulation $(if $(SEED),--seed $(SEED),--seeds $(SEEDS))

$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Walletflow needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1 || true). Choose one: make PYTHON=python3.12 up" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
	  echo "python3 -m venv failed. On Debian and Ubuntu: apt install python3-venv" >&2; rm -rf $(VENV); exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "$(UV)"
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip sync --require-hashes requirements.txt
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --no-deps --no-build-isolation -e .
	@touch $(STAMP)
