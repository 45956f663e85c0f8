# The front door: `make` alone prints every verb. Byproducts go to .venv/, build/ and out/, never outside the checkout.

EFFORT ?= gate
PYTHON ?=
TESTS  ?=
ARGS   ?=

PY  := .venv/bin/python
# No pip cache: without a compiler pip builds crcmod and cobs in pure Python, and a cache would keep them so for ever.
PIP := PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONWARNINGS=ignore
# pip asks rustc for its version, and rustup's stand-in for rustc answers by making a folder: not in HOME.
export RUSTUP_HOME ?= $(CURDIR)/build/rustup
PIP_FAILED := { echo "make: pip could not install; with a network that reaches the package index, type the same again" >&2; exit 1; }
CC_CURE := apt install gcc libc6-dev
ARM_CURE := apt install gcc-arm-none-eabi libnewlib-arm-none-eabi
# The whole suite takes all cores, a file to each in turn. What looks at all the others comes last, so their order stands.
EVERY_CORE := -n auto --dist loadfile --no-loadscope-reorder
# One build at a time, whoever asks for it: this lock is also that of hil/firmware.py.
ALONE := $(if $(shell command -v flock),flock build/board/.lock)
ROOMS := protocol firmware_emu hil tools fixtures

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test soak captures lint bench guest firmware firmware-host host-if-possible spec doctor pins fresh clean system-packages types guest-if-possible

help: ## print these verbs
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

run: .venv/.runtime host-if-possible ## run the main job: 90 days, emulator and firmware in lockstep (ARGS="--until 30d")
	@.venv/bin/pumpbench run $(ARGS)

test: system-packages .venv/.tests host-if-possible rigs-if-possible $(if $(TESTS),,guest-if-possible) ## run every test, installing what they need (TESTS=path, ARGS="-k name", EFFORT=soak)
	@PUMPBENCH_EFFORT=$(EFFORT) $(PY) -m pytest $(if $(TESTS)$(ARGS),,$(EVERY_CORE)) $(TESTS) $(ARGS)

soak: ## run every test with the large counts: hours
	@$(MAKE) --no-print-directory test EFFORT=soak

lint: .venv/.lint types ## check style and types
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check --quiet .
	@$(PY) -m mypy -p pumpbench -p tests

bench: .venv/.runtime host-if-possible ## measure each path against its peer, print and write build/bench.json
	@$(MAKE) -s build/bench-venv/.made || echo "make bench: going on without the peers" >&2
	@$(PY) -m pumpbench.tools.bench $(ARGS)

captures: .venv/.runtime host-if-possible ## record the shipped sessions anew, print how each differs (ARGS="'qemu_*'")
	@$(PY) -m pumpbench.tools.captures $(ARGS)

firmware-host: ## build the firmware for this machine: a process and a library
	@command -v $(firstword $(CC)) >/dev/null || { echo "make: no C compiler ($(CC)): $(CC_CURE)" >&2; exit 1; }
	@mkdir -p build/board
	@$(ALONE) $(MAKE) -s -C hil/board host lib BUILD=../../build/board $(if $(PUMPBENCH_REQUIRE),WERROR=-Werror)

firmware: ## build the firmware for every family of boards, print sizes and worst stack of each image
	@command -v arm-none-eabi-gcc >/dev/null || { echo "make: no compiler for boards (arm-none-eabi-gcc): $(ARM_CURE)" >&2; exit 1; }
	@mkdir -p build/board
	@$(ALONE) $(MAKE) -s -C hil/board firmware sizes BUILD=../../build/board $(if $(PUMPBENCH_REQUIRE),WERROR=-Werror)

guest: .venv/.runtime ## build and boot the Linux guest that USB is tested through, print sizes and times
	@$(PY) -m pumpbench.tools.guest

host-if-possible:
	@if ! command -v $(firstword $(CC)) >/dev/null; then \
	  echo "make: no C compiler ($(CC)), so the firmware is left out and the emulator runs against itself: $(CC_CURE)" >&2; \
	elif test -f hil/board/Makefile; then $(MAKE) -s firmware-host; fi

rigs-if-possible:
	@$(MAKE) -s build/rigs-venv/.made || echo "make test: going on without the plugins of other rigs" >&2

# Its image alone: it is booted by the tests that use it.
guest-if-possible: .venv/.runtime
	@$(PY) -m pumpbench.tools.guest --image || echo "make test: going on without the guest" >&2

spec: .venv/.runtime ## write the files generated from the declarations
	@.venv/bin/pumpbench spec

doctor: .venv/.runtime ## look over machine, build and ports; each finding with its cure
	@.venv/bin/pumpbench doctor

pins: .venv/.runtime ## choose and hash the versions that tests, lint and bench run with
	@$(PIP) $(PY) -m pip install -q uv --target build/uv --upgrade
	@sh tools/pin.sh build/uv/bin/uv

fresh: ## clone into an empty folder and run both commands there with a bare environment
	@sh tools/fresh_clone.sh

clean: ## remove .venv and build; recordings in out/ stay
	@rm -rf .venv build pumpbench.egg-info
	@find $(ROOMS) tests -name __pycache__ -type d -prune -exec rm -rf {} +

system-packages:
	@sh tools/apt_packages.sh

types:
	@mkdir -p build/types/pumpbench
	@for room in $(ROOMS); do ln -sfn ../../../$$room build/types/pumpbench/$$room; done

.venv/.made:
	@PYTHON="$(PYTHON)" sh tools/make_venv.sh .venv
	@touch $@

.venv/.runtime: .venv/.made pyproject.toml setup.py
	@echo "installing into .venv (a minute the first time)" >&2
	@$(PIP) $(PY) -m pip install -q -e . || $(PIP_FAILED)
	@touch $@

.venv/.tests: .venv/.made pyproject.toml setup.py requirements/build.txt requirements/test.txt
	@echo "installing the pinned test tools into .venv" >&2
	@$(PIP) sh tools/install_pinned.sh $(PY) requirements/test.txt || $(PIP_FAILED)
	@touch .venv/.runtime $@

.venv/.lint: .venv/.tests requirements/lint.txt
	@$(PIP) $(PY) -m pip install -q --require-hashes -r requirements/lint.txt || $(PIP_FAILED)
	@touch $@

build/bench-venv/.made: pyproject.toml setup.py requirements/build.txt requirements/bench.txt
	@PYTHON="$(PYTHON)" sh tools/make_venv.sh build/bench-venv
	@echo "installing the peers into build/bench-venv" >&2
	@$(PIP) sh tools/install_pinned.sh build/bench-venv/bin/python requirements/bench.txt || $(PIP_FAILED)
	@touch $@

# One of them drives a whole gRPC, which nobody wants to see compiled.
build/rigs-venv/.made: pyproject.toml setup.py requirements/build.txt requirements/rigs.txt
	@PYTHON="$(PYTHON)" sh tools/make_venv.sh build/rigs-venv
	@echo "installing the plugins of other rigs into build/rigs-venv" >&2
	@$(PIP) PIP_ONLY_BINARY=grpcio,protobuf sh tools/install_pinned.sh build/rigs-venv/bin/python requirements/rigs.txt || $(PIP_FAILED)
	@touch $@
