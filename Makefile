# GNU make 3.81 or later. `make help` lists the targets: the comments after `##`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
ROOMS := core engine local workflows activities workers cli api infra bench
SOURCES := $(shell find $(ROOMS) -name '*.ts' 2>/dev/null)
TSX := node --import tsx
BIN := node_modules/.bin
# For what runs before or while `npm ci` does: tsx alone, out of npm's cache. Not in this folder, whose packages come and go.
LONE_TSX = cd "$${TMPDIR:-/tmp}" && npm exec --yes --ignore-scripts --loglevel=error \
	--package=tsx@$$(node -p 'require("$(CURDIR)/package.json").devDependencies.tsx') -- tsx
MODEL := all-MiniLM-L6-v2

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

.PHONY: servers
servers: ## get the servers of the dev stack, if they are missing: download them, or compile them
	@if $(MAKE) -q install; then $(TSX) infra/dev-stack/get-servers.ts; \
	else $(LONE_TSX) "$(CURDIR)/infra/dev-stack/get-servers.ts"; fi

# The servers can take minutes to compile, so packages, build, model and a first result come meanwhile.
.PHONY: demo
demo: ## embed and search without servers; then again on Temporal and S3, with a worker that is killed
	@nice $(MAKE) --no-print-directory servers & trap 'kill $$! 2> /dev/null' INT TERM; \
	$(MAKE) --no-print-directory model && $(TSX) infra/demo/without-servers.ts && wait $$! \
	|| { kill $$! 2> /dev/null; exit 1; }
	@$(TSX) infra/demo/with-servers.ts

.PHONY: model
model: build
	@[ -d "$${VECTORMILL_CACHE:-$${XDG_CACHE_HOME:-$$HOME/.cache}/vectormill}/models/$(MODEL)" ] || \
	  node dist/cli/main.js model pull $(MODEL)

# What cannot be had is said, and the run goes on: the tests that need it fail by name.
.PHONY: test
test: ## get everything that the tests need, then run all tests
	@$(MAKE) --no-print-directory -k -j2 servers prepare-tests || $(MAKE) --no-print-directory build
	@$(BIN)/vitest run

.PHONY: prepare-tests
prepare-tests: build
	@$(TSX) infra/prepare-tests.ts

.PHONY: test-node
test-node: ## run the tests that a release of Node can break on another one: NODE=24
	@$(MAKE) --no-print-directory -k -j2 servers prepare-tests || $(MAKE) --no-print-directory build
	@$(TSX) infra/test-node.ts $(NODE)

.PHONY: torture
torture: install ## try many random histories of a corpus, interleavings of who works on it, kills, and damages: HISTORIES=1000 INTERLEAVINGS=1000000 KILLS=1000 DAMAGES=40 SEED=1
	@VECTORMILL_TEST_HISTORIES=$(or $(HISTORIES),1000) VECTORMILL_TEST_INTERLEAVINGS=$(or $(INTERLEAVINGS),1000000) \
	VECTORMILL_TEST_KILLS=$(or $(KILLS),1000) VECTORMILL_TEST_DAMAGES=$(or $(DAMAGES),40) \
	VECTORMILL_TEST_SEED=$(or $(SEED),$$RANDOM) $(BIN)/vitest run test/carry test/simulation test/reliability test/damage \
	test/core/compaction test/local/carry/compacted-nights.test.ts

.PHONY: up
up: ## start the dev stack (Temporal, S3, one worker) and leave it running
	@$(MAKE) --no-print-directory -j2 servers build
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
