# Every target works on a fresh clone by itself. It needs Python 3.11 or newer, make and the package registry, nothing else.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help demo test check bench bank assure sbom audit vendor lock clean

help:
	@echo "make demo    ten real trusts, exact prices and ten verified contracts in demo/"
	@echo "make test    the tests"
	@echo "make check   format, lint, types, imports, doctests, reference data, documentation"
	@echo "make bench   the goals for speed, as ratios; writes bench.json"
	@echo "make bank    every altered contract of the mutation bank, at full counts"
	@echo "make assure  signing in, who may do and see what, crashes, kills, interleavings, all in full; every guard taken out in turn"
	@echo "make sbom    sbom.json: everything this is made of, as CycloneDX, from the lock"
	@echo "make audit   known weaknesses of what is in the lock (asks the package index)"
	@echo "make vendor  fetch the pages' design system anew (needs npm)"
	@echo "make lock    write requirements.lock anew (UPGRADE=1 takes the newest releases)"
	@echo "make clean   remove everything that was made, .venv too"

# At a terminal the service stays open until Ctrl+C; without one, as in CI, the folder is made and that is it.
demo: $(READY)
	$(BIN)/ncvr demo --dir demo $$([ -t 1 ] || echo --no-serve)

# In the order of the folders: by number of tests, the few long ones of the browser would come last and keep one core waiting.
test: $(READY)
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q src README.md tests/test_documentation.py
	$(BIN)/ncvr tariff check
	$(BIN)/ncvr template check

bench: $(READY)
	$(BIN)/python -m tests.benchmarks.run

bank: $(READY)
	NCVR_BANK=full $(BIN)/pytest -n auto --dist loadfile -rP tests/mutation_bank

# Tests that have one count alone: the ledger's rules, all or nothing, signing in, what is hostile, who read what, what is shipped.
ASSURED := tests/store tests/test_asvs.py tests/test_security_lists.py tests/test_supply.py tests/test_wheel.py tests/browser/test_signing_in.py \
  tests/browser/test_provider_sign_in.py tests/files/test_apart.py tests/files/verification/test_hostile_files.py tests/services/test_all_or_nothing.py \
  tests/services/test_moves_against_a_model.py tests/services/test_sealed_secrets.py tests/services/test_signing_in.py tests/web/test_access_journal.py \
  tests/web/test_heavy_jobs.py tests/web/test_hostile_requests.py tests/web/test_idempotency.py tests/web/test_own_factors.py \
  tests/web/test_own_sessions.py tests/web/test_paces.py tests/web/test_passkeys.py tests/web/test_price_is_fixed.py \
  tests/web/test_provider_sign_in.py tests/web/test_quiet_log.py tests/web/test_sign_in.py

# Seeds are printed; NCVR_SEED=N replays one. Known weaknesses of what is shipped are `make audit`, which needs the package index.
assure: $(READY)
	$(BIN)/pytest -n auto --dist loadfile $(ASSURED)
	NCVR_ASSURE=full $(BIN)/pytest -s tests/web/test_permission_walk.py tests/web/test_two_worlds.py tests/web/pages/test_who_sees_which_page.py tests/web/test_api_contract.py
	NCVR_ASSURE=full $(BIN)/pytest -s tests/durability
	$(BIN)/python -m tests.guard_mutants

# Warnings would be of the root component, which the lock does not speak of.
sbom: $(READY)
	$(BIN)/python -W ignore::UserWarning -m cyclonedx_py requirements requirements.lock --pyproject pyproject.toml --output-reproducible --of JSON -o sbom.json

# Strict: a package that could not be asked about is a failure, so that silence never looks like safety.
audit: $(READY)
	$(BIN)/pip-audit --strict --disable-pip --require-hashes -r requirements.lock

# The design system's files lie in the repository, so that nobody else needs npm.
vendor: $(READY)
	$(BIN)/python .ci/vendor.py

# What pyproject.toml asks for, pinned and hashed, for every Python and platform. Keeps what is pinned unless UPGRADE=1.
lock: $(READY)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --all-extras $(if $(UPGRADE),--upgrade) \
	  --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

clean:
	rm -rf .venv demo dist build bench.json sbom.json .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Nothing is installed again while the lock and pyproject.toml stay as they are.
$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here. Install Python 3.11 or newer, or name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if v >= (3, 11) else "ncvr needs Python 3.11 or newer; $(PYTHON) is %d.%d. Name another: make PYTHON=python3.12" % (v[0], v[1]))'
	@$(BIN)/python -c pass 2>/dev/null || $(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
