# What people run. STACK=... chooses the stage, ARGS="..." goes to Pulumi.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help kit venv venv-dev ready up preview status config pin down erase test test-all drills bench golden clean-offline
SHELL := /bin/sh
.SHELLFLAGS := -eu -c

STACK ?= dev
ARGS ?=
CONFIRM ?=
export PYTHON ?= python3

# exec: a signal for make's child reaches berth itself
BERTH = . .berth/env; exec .venv/bin/berth
SHELL_SCRIPTS = grep -rlE --exclude-dir=.git --exclude-dir=.venv '^\#!.*[/ ](ba)?sh|^\# shellcheck shell=' .

define CHECKS
  ops/need shellcheck busybox chromium; \
  . .berth/env; \
  .venv/bin/ruff check .; \
  .venv/bin/ruff format --check .; \
  .venv/bin/mypy .; \
  $(SHELL_SCRIPTS) | xargs shellcheck -x; \
  exec .venv/bin/python -m pytest -n 2 --no-loadscope-reorder $(ARGS)
endef

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo '  STACK=dev chooses the stage; ARGS="..." goes to pulumi: make preview ARGS="--diff"'

up: kit venv ## Bring the stage up, or up to date; mends what a killed run left
	@$(BERTH) up -s '$(STACK)' -- $(ARGS)

preview: kit venv ## Show what `up` would do
	@$(BERTH) preview -s '$(STACK)' -- $(ARGS)

status: ready ## Health, image and address of every service
	@$(BERTH) status -s '$(STACK)'

config: venv ## Every value of the stage, and where it comes from
	@.venv/bin/berth config -s '$(STACK)'

pin: ready ## Write the digests of the images that the stage pulls beside it
	@$(BERTH) pin -s '$(STACK)'

down: ready ## Stop and remove everything but data and secrets, which it lists
	@$(BERTH) down -s '$(STACK)'

erase: ready ## Delete data and secrets too (dev only; CONFIRM=<stack> instead of typing it)
	@$(BERTH) erase -s '$(STACK)' $(if $(CONFIRM),--confirm '$(CONFIRM)')

test: kit venv-dev ## Every check: style, types, unit tests, and the demo on a real engine
	@$(CHECKS)

test-all: kit venv-dev ## The same, with the drills and mishaps that take their time
	@$(CHECKS) -m ''

drills: kit venv-dev ## Harm a stage under load to loopback, and write docs/reliability.md; ARGS="-k roll" holds some of them
	@. .berth/env; BERTH_DRILLS=long exec .venv/bin/python -m pytest -m '' tests/drills $(ARGS)

bench: kit venv-dev ## How fast berth is, beside Compose and bare Pulumi: writes docs/performance.md; ARGS="builds" measures a part
	@. .berth/env; unset PYTHONDONTWRITEBYTECODE; exec .venv/bin/python -m bench $(ARGS)

golden: kit venv-dev ## Write tests/golden/ and docs/reference/ anew, to be read in review
	@. .berth/env; BERTH_GOLDEN=1 exec .venv/bin/python -m pytest -q tests/topologies tests/components/test_nginx.py tests/components/test_mono.py \
	  tests/config/test_schema.py tests/config/test_reference.py tests/policies/test_reference.py

clean-offline: ## Take away what the kit installed: engine, Pulumi, base images (asks; CONFIRM=yes does not)
	@CONFIRM='$(CONFIRM)' offline/clean

# --- what the others need ---------------------------------------------------------------------------------------------

kit:
	@offline/setup

venv:
	@ops/venv

venv-dev:
	@ops/venv dev

ready:
	@[ -f .berth/env ] && [ -x .venv/bin/berth ] || { echo 'berth: nothing was set up in this folder yet: make up does it' >&2; exit 1; }
