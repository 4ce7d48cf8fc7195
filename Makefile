# Everything a person or the gate does here, by name. "make" alone lists it.

# Touched after an installation that succeeded.
STAMP := node_modules/.installed

# npm finds the machine's configuration (registry, proxy, certificates) beside the machine's own Node.
MACHINE_PATH := $(PATH)
test $(STAMP): export NPM_CONFIG_GLOBALCONFIG = $(shell PATH="$(MACHINE_PATH)" npm config get globalconfig 2>/dev/null)

# The pinned Node comes first, whatever the machine has.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

NPM_QUIET := --no-audit --no-fund --no-progress --fetch-retries=1
NO_NETWORK := ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ECONNRESET|ENETUNREACH
PLATFORM := node services/standalone/src/main.ts

.PHONY: help install demo up down status logs example test check verify generate bench load fire-drill board-pictures prove-oversized soak images e2e

# How an image is built: a command that takes its name, and then what "docker build" takes.
IMAGE_BUILDER ?= docker build -t
IMAGE_REGISTRY ?= localhost
IMAGE_TAG ?= $(shell sed -n 's/.*"version": "\(.*\)".*/\1/p' package.json)-$(shell git rev-parse --short=12 HEAD)
IMAGE_LABELS = --build-arg VERSION=$(IMAGE_TAG) --build-arg REVISION=$(shell git rev-parse HEAD)

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(STAMP) ## Start the platform, take two files all the way through it and back, leave it running
	@$(PLATFORM) demo

up: $(STAMP) ## Start the platform in the background and wait until it is ready (settings: LOG_LEVEL=debug make up)
	@$(PLATFORM) up

down: $(STAMP) ## Stop the platform; its data stays in .data
	@$(PLATFORM) down

status: $(STAMP) ## Show what runs, the configuration in effect and why one was refused
	@$(PLATFORM) status || true

logs: $(STAMP) ## Show and follow the logs, or those of one part: make logs NAME=gateway
	@$(PLATFORM) logs $(NAME)

example: $(STAMP) ## Serve a page that uploads a file from the browser to the platform that runs, and follows it
	@node services/client/example/main.ts $(EXAMPLE)

test: $(STAMP) ## Run all tests
	@npm run --silent test

check: $(STAMP) ## Check format, lint, types, imports and dead code
	@npm run --silent lint
	@npm run --silent types
	@npm run --silent imports
	@npm run --silent dead-code

verify: $(STAMP) ## Check that everything generated is current
	@npm run --silent verify

generate: $(STAMP) ## Write everything that is generated from services/contract
	@npm run --silent generate

images: $(STAMP) ## Build the images with $(IMAGE_BUILDER), and fetch what "make e2e" needs
	$(IMAGE_BUILDER) $(IMAGE_REGISTRY)/bundler:$(IMAGE_TAG) $(IMAGE_LABELS) -f services/Dockerfile .
	$(IMAGE_BUILDER) $(IMAGE_REGISTRY)/bundler-operator:$(IMAGE_TAG) $(IMAGE_LABELS) -f operator/Dockerfile .
	$(IMAGE_BUILDER) $(IMAGE_REGISTRY)/bundler-gateway:$(IMAGE_TAG) $(IMAGE_LABELS) -f services/gateway/Dockerfile .
	@IMAGE_BUILDER='$(IMAGE_BUILDER)' IMAGE_REGISTRY='$(IMAGE_REGISTRY)' IMAGE_TAG='$(IMAGE_TAG)' \
	  node services/testing/e2e/prepare.ts

e2e: $(STAMP) ## Prove the platform on a real cluster: KUBECONFIG names it, its nodes have the images, KEDA is installed
	@node services/testing/e2e/main.ts

bench: $(STAMP) ## Measure the whole platform on this machine, about eight minutes (parts: make bench ONLY=uploads,large)
	@node services/testing/bench/main.ts $(if $(ONLY),--only $(ONLY))

load: $(STAMP) ## Run load suites and judge them: make load PROFILE=smoke (or several, or all; see docs/load-tests.md)
	@node services/testing/load/main.ts

fire-drill: $(STAMP) ## Cause faults and see their alerts arrive at a webhook, half an hour (some: make fire-drill ONLY=payment-hangs)
	@node services/testing/fire-drill/main.ts

board-pictures: $(STAMP) ## Ask every panel of a platform under all kinds of traffic, and photograph the boards (MINUTES=6)
	@node services/testing/monitoring/pictures/main.ts

prove-oversized: $(STAMP) ## Prove that an item above a bundle becomes permanent: make prove-oversized SIZE_MIB=3072
	@node services/testing/oversized/main.ts

soak: $(STAMP) ## Soak the operator for an hour and print the slope of its memory (shorter: make soak SOAK_MINUTES=18)
	@node services/testing/soak/main.ts $(if $(MARKDOWN),--markdown $(MARKDOWN))

install: $(STAMP) ## Install the dependencies (every other target does it when needed)

# Keyed on the lock file: a second run costs nothing. An installation that is there is brought up to date in place,
# because "npm ci" would take it away from under a platform that runs.
$(STAMP): package-lock.json
	@command -v npm >/dev/null 2>&1 || { \
	  echo 'npm is missing: install Node.js 20.20 or newer with npm, then try again.' >&2; exit 1; }
	@echo 'Installing dependencies (about a minute the first time)'
	@mkdir -p .cache
	@if [ -d node_modules ]; then npm install --no-save $(NPM_QUIET) >.cache/install.log 2>&1; \
	  else npm ci $(NPM_QUIET) >.cache/install.log 2>&1 \
	    || { ! grep -Eq '$(NO_NETWORK)' .cache/install.log && npm install $(NPM_QUIET) >.cache/install.log 2>&1; }; fi \
	  || { tail -n 20 .cache/install.log >&2; \
	       if grep -Eq '$(NO_NETWORK)' .cache/install.log; then \
	         echo 'The npm registry cannot be reached: check the network, or "npm config get registry".' >&2; fi; \
	       echo 'Installing failed; the whole output is in .cache/install.log' >&2; exit 1; }
	@touch $@
