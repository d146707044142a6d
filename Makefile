# One word for each thing one does with Everword. `make run` and `make test` do all their set-up themselves.

PYTHON ?= python3
PY      = .venv/bin/python
BUILD   = .build/venv/bin/python
TESTS  ?= tests
WORKERS ?= 3

.DEFAULT_GOAL := help
.PHONY: run test chaos check bench lock ui dev tools docs format wheel clean help

run: ## set everything up and start Everword on http://localhost:8321
	@$(PYTHON) scripts/setup.py
	@exec .venv/bin/everword serve

test: dev ## every ring of tests: unit, integration, architecture, acceptance (TESTS=path or MARKED="not slow" for a part, WORKERS=0 for one process)
	@$(PYTHON) scripts/machine.py
	$(PY) -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(if $(MARKED),-m "$(MARKED)") $(TESTS)
	$(BUILD) scripts/ui.py npm test

chaos: dev ## kill -9 at random moments while work runs, and count what was lost or doubled (KILLS=500 SEED=7 DATABASE=postgresql PROCESSES=2)
	KILLS=$(or $(KILLS),100) SEED=$(or $(SEED),1) DATABASE=$(or $(DATABASE),sqlite) PROCESSES=$(or $(PROCESSES),1) $(PY) -m pytest -q -s tests/acceptance/test_chaos.py

check: tools ## format, lint, types, imports, house rules, the browser UI's own checks
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) -m pytest -q tests/architecture
	$(BUILD) scripts/ui.py npm run check

bench: dev ## the measurements in benchmarks/ (NAME=recall for one), with a peer in the same run
	$(PY) -m benchmarks $(NAME)

dev: ## set up what tests and checks need, without running anything
	@$(PYTHON) scripts/setup.py --dev

tools:
	@$(PYTHON) scripts/setup.py --dev --no-ui

ui: tools ## build the browser UI into the package
	$(BUILD) scripts/ui.py build

docs: tools ## write docs/reference anew from the code
	$(PY) scripts/reference.py

format: tools ## format and mend what can be mended
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

lock: tools ## write requirements/*.txt anew (UPGRADE=1 for the newest versions)
	$(BUILD) scripts/lock.py $(if $(UPGRADE),--upgrade)

wheel: dev ## a wheel and a source archive with the built browser UI, in dist/
	$(BUILD) -m hatchling build

clean: ## remove environments and everything built (never your data)
	rm -rf .venv .build dist src/everword/web/dist web/node_modules
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
