# Targets: see `make help`. CI only calls make.
SHELL := /bin/bash
PREFIX ?= /usr/local
DESTDIR ?=
BUILD := .build
# Tests at once: each has processes and mostly a database of its own, and their time limits assume a share of a core.
TEST_WIDTH ?= 4
RELEASE := $(BUILD)/release
# What a program does not look up at its start: without position-independence 134,000 relocations, without the shared
# libstdc++ 4,000 more, and without a search path of its own each library in 16 folders beside it.
STATIC := $(BUILD)/static
SWIFT_RELEASE := swift build -c release --static-swift-stdlib --disable-local-rpath -Xlinker --no-pie \
	-Xlinker -L$(abspath $(STATIC))

.PHONY: help worktrees races partition agents test-agents test-decoders walk chaos setup build release test torture demo bench install uninstall docs check format lint layers clean

help: ## Show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

demo: setup release ## Install what is missing, build, run the main job on a real repository, show its history
	scripts/demo $(RELEASE)

test: setup ## Install what is missing, build and run all tests
	swift build --build-tests
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=$(TEST_WIDTH) scripts/test $(BUILD)/tests.log

torture: setup ## Save and restore 1,000 odd worktrees; kill and fail saving and restoring at every call (an hour)
	swift build --build-tests
	RUNNER_LONG_TESTS=1 swift test --skip-build --filter 'SnapshotRoundTripTests|SnapshotKillTests|SnapshotFaultTests'

worktrees: setup ## Kill 400 creations of worktrees, and compare a folder of 100,000 files with git's checkout
	swift build --build-tests
	RUNNER_LONG_TESTS=1 swift test --skip-build --filter 'CheckoutTests|WorktreeKillTests|EnvironmentTests.killed'

setup: ## Install the Debian packages that are missing
	@scripts/setup

build: setup ## Debug build
	swift build

release: setup ## Release build, Swift's standard library linked statically
	@mkdir -p $(STATIC) && ln -sf "$$(gcc -print-file-name=libstdc++.a)" $(STATIC)/
	$(SWIFT_RELEASE) --product runner
	$(SWIFT_RELEASE) --product runner-shim

# Under sudo nothing is built: swift is mostly not on root's PATH there, and what root built the user could not build again.
ifdef SUDO_USER
install:
	@test -x $(RELEASE)/runner -a -x $(RELEASE)/runner-shim || { \
		echo "install: nothing is built yet; say make install without sudo, it asks for it by itself" >&2; exit 4; }
	scripts/install $(RELEASE) $(DESTDIR)$(PREFIX)
else
install: release ## Install to PREFIX (default /usr/local), by sudo where that needs it
	scripts/install $(RELEASE) $(DESTDIR)$(PREFIX)
endif

uninstall: ## Remove what install put under PREFIX, by sudo where that needs it
	scripts/install --remove $(DESTDIR)$(PREFIX)

docs: release ## Write docs/command-reference.md from the command tree
	$(RELEASE)/runner documentation --format markdown > docs/command-reference.md

races: setup ## Start and kill 1,000 attempts with a cgroup and 1,000 without, and look for survivors
	swift build --build-tests
	RUNNER_LONG_TESTS=1 swift test --skip-build --filter KillScopeTests.races

# SEED=… replays the choices of walk and chaos. COMMANDS, for each of four lanes, is the size of a walk; RUNS, KILLS,
# WIDTH_OF_RUNS, LONGEST_GAP_MS and SECONDS_AT_MOST that of a campaign.
walk: setup ## Type 1,600 commands at random, side by side, kill some, and check that no work was lost
	swift build --build-tests
	RUNNER_WALK=1 timeout 3600 swift test --skip-build --filter CommandWalkTests

chaos: setup ## Kill everything at random, 1,000 times over 300 runs, and check that nothing was lost
	swift build --build-tests
	RUNNER_CHAOS=1 timeout 6000 swift test --skip-build --filter 'ChaosTests\.|ChaosPointTests'

partition: setup ## Cut hosts off from each other in network namespaces; time the recovery from kill -9 of a worker
	swift build --build-tests
	RUNNER_LONG_TESTS=1 swift test --skip-build --filter 'PartitionTests|RecoveryTests'

agents: release ## Run the real Claude Code against a stub server, where PyPI is reachable
	scripts/test-agents $(RELEASE) claude

test-agents: release ## Run every agent that PyPI offers against a stub server (3 GB are installed)
	scripts/test-agents $(RELEASE)

test-decoders: setup ## Decode 100,000 damaged streams
	swift build --build-tests
	RUNNER_LONG_TESTS=1 swift test --skip-build --filter AgentsTests.MutationTests

bench: release ## Print the benchmarks' ratios
	$(SWIFT_RELEASE) --product EngineBench
	$(SWIFT_RELEASE) --product runner-bench
	bench/startup $(RELEASE)
	bench/environments $(RELEASE)
	bench/remove $(RELEASE)
	bench/merged
	bench/engine/run $(RELEASE)
	bench/batch $(RELEASE)
	bench/steps $(RELEASE)
	bench/output $(RELEASE)
	bench/decode $(RELEASE)
	$(SWIFT_RELEASE) --product SnapshotTrial
	bench/snapshot $(RELEASE)

check: lint layers ## Format and layer checks

lint: ## Check the formatting
	swift format lint --strict --recursive --parallel Sources Tests Plugins Package.swift

layers: ## Check that each line is in its room
	scripts/layers

format: ## Format all Swift files
	swift format --in-place --recursive --parallel Sources Tests Plugins Package.swift

clean: ## Remove what was built
	rm -rf $(BUILD)
