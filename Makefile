# Everything a person types here. Each target does all the set-up it needs; `make help` lists them.
# Needs: python3 (3.11 or newer, with venv and pip) and make. No compiler, no other server.

PYTHON ?= python3
UV_VERSION := 0.13.9
ARGS ?=

BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
UV := .tools/bin/uv
READY := .venv/.synced .env

# uv takes the interpreter of .venv and never fetches one of its own.
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME
# Images often set it for their size; here each of many processes would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.PHONY: help setup demo demo-once test test-sqlite test-postgresql check format run migration bench-delivery bench-inbound bench-scim clean

help: ## List the targets.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

setup: $(READY) ## Install everything and write .env with fresh secrets (every target does this).
	@echo "-- ready"

demo: $(READY) ## Show the main job on real processes, then stay up: sign in at the printed URL.
	@$(BIN)/python -m config.demo

demo-once: $(READY) ## The same, once: exits 0 when the signed webhook arrived and verified.
	@$(BIN)/python -m config.demo --once

test: $(READY) ## Run every test on SQLite and, where its binaries are found, on PostgreSQL.
	@$(BIN)/python -m tools.suite sqlite postgresql -- $(ARGS)

test-sqlite: $(READY) ## Run every test on SQLite only. ARGS="tests/core -x" narrows it.
	@$(BIN)/python -m tools.suite sqlite -- $(ARGS)

test-postgresql: $(READY) ## Run every test on a throw-away PostgreSQL cluster only.
	@$(BIN)/python -m tools.suite postgresql -- $(ARGS)

check: $(READY) ## Format, lint, types, import directions, migrations, deployment settings.
	@$(BIN)/python -m tools.check

format: $(READY) ## Format the code and repair what the linter can repair.
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix .

# Both processes may send to this machine, where `manage.py receive` listens, without encryption.
run: export OUTBOUND_HTTPS_ONLY := false
run: export OUTBOUND_ALLOWED_NETWORKS := 127.0.0.0/8,::1/128
run: $(READY) ## Run web (127.0.0.1:8000) and worker from this folder's .env, for development.
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) worker & worker=$$!; trap 'kill $$worker 2>/dev/null; wait' EXIT; trap 'exit 130' INT TERM; \
	  $(MANAGE) runserver 127.0.0.1:8000

migration: $(READY) ## Write a migration: make migration APP=core NAME=api_key_note
	@LINT_MIGRATIONS=true $(MANAGE) makemigrations $(APP) --name $(NAME)
	@$(BIN)/ruff format --quiet $(APP)/migrations

bench-delivery: $(READY) ## Measure webhook deliveries beside their peers. ROUNDS=5 for more rounds, QUICK=1 to try it.
	@$(BIN)/python -m bench delivery $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(QUICK),--quick)

bench-inbound: $(READY) ## Measure the reception of webhooks beside an empty view. ROUNDS and QUICK as above.
	@$(BIN)/python -m bench inbound $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(QUICK),--quick)

bench-scim: $(READY) ## Measure the SCIM directory beside django-scim2. ROUNDS and QUICK as above.
	@$(BIN)/python -m bench scim $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(QUICK),--quick)

clean: ## Remove what can be made again. .env and var/ (your data) stay.
	@rm -rf .venv .tools staticfiles .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis bench/.venv
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.env: | .venv/.synced
	@$(BIN)/python -m tools.environment $@

.venv/.synced: pyproject.toml uv.lock .tools/.uv-$(UV_VERSION)
	@echo "-- installing the locked dependencies into .venv"
	@$(UV) sync --locked --quiet --python $(BIN)/python
	@touch $@

.tools/.uv-$(UV_VERSION):
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Patchbay needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3.11 ...")'
	@echo "-- making .venv with $$($(PYTHON) --version), and uv $(UV_VERSION) in .tools"
	@rm -rf .tools
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --target .tools uv==$(UV_VERSION)
	@touch $@
