# GNU make 3.81 or later. `make help` lists the targets: the comments after `##`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
ROOMS := core engine workflows activities workers cli infra bench
SOURCES := $(shell find $(ROOMS) -name '*.ts' 2>/dev/null)
TSX := node --import tsx
BIN := node_modules/.bin

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# Nothing that we use needs an install script, and one of them would download CUDA.
node_modules/.package-lock.json: package.json package-lock.json
	@node infra/check-node.mjs
	@echo "npm ci …"
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

dist/.built: node_modules/.package-lock.json tsconfig.json tsconfig.build.json $(SOURCES)
	@echo "building dist …"
	@rm -rf dist
	@$(BIN)/tsc -p tsconfig.build.json
	@chmod +x dist/cli/main.js # npm marks it so only when it links the command for the first time
	@node dist/workers/bundle-workflows.js > dist/bundle.log 2>&1 || { cat dist/bundle.log; exit 1; }
	@touch $@

.PHONY: install
install: node_modules/.package-lock.json ## install the packages, if package-lock.json is newer than they are

.PHONY: build
build: dist/.built ## compile into dist, if a source is newer

.PHONY: demo
demo: build ## embed the documentation below node_modules: a real corpus, a real model, a real dev stack
	@$(TSX) infra/demo/demo.ts

.PHONY: test
test: build ## get everything that the tests need, then run all tests
	@$(TSX) infra/prepare-tests.ts
	@$(BIN)/vitest run

.PHONY: test-node
test-node: build ## run the tests that a release of Node can break on another one: NODE=24
	@$(TSX) infra/prepare-tests.ts
	@$(TSX) infra/test-node.ts $(NODE)

.PHONY: up
up: build ## start the dev stack (Temporal, S3, one worker) and leave it running
	@$(TSX) infra/dev-stack/up.ts

.PHONY: down
down: install ## stop what `make up` started
	@$(TSX) infra/dev-stack/down.ts

.PHONY: check
check: build ## formatting, lint, types, room rules; the build bundles the workflows
	@$(BIN)/biome check .
	@$(BIN)/tsc -p tsconfig.json
	@$(BIN)/depcruise --config .dependency-cruiser.cjs $(ROOMS) test

.PHONY: fix
fix: install ## mend formatting and lint
	@$(BIN)/biome check --write .

.PHONY: bench
bench: build ## measure, print ratios and keep a dated result in bench/results
	@npm run --silent bench

.PHONY: bench-peers
bench-peers: build ## the same beside sentence-transformers, OpenVINO and model2vec, in venvs of their own
	@npm run --silent bench:peers

.PHONY: eval
eval: install ## compare our scores with the published ones, on the data sets that are at hand
	@npm run --silent eval

.PHONY: gpu
gpu: install ## get the CUDA libraries of onnxruntime-node, which install leaves out
	@cd node_modules/onnxruntime-node && ONNXRUNTIME_NODE_INSTALL=cuda12 node script/install

.PHONY: clean
clean: ## remove what was built and what the dev stack and the demo left; not the cache
	@if [ -e .vectormill/stack.json ]; then $(MAKE) --no-print-directory down; fi
	@rm -rf dist coverage .vectormill
