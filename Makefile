# SPDX-License-Identifier: GPL-2.0
#
# What a user types; `make help` lists it. The work is done by scripts/build.mk, once for each kernel.

MAKEFLAGS += --no-print-directory
SHELL := /bin/bash
.DEFAULT_GOAL := modules

TOP := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))
S := $(TOP)scripts
SAMPLE ?= pci_testdev
KERNEL ?= stock

# The environment's M, KDIR and DEBUG are not ours: only the command line's count.
ifneq ($(origin M),command line)
M :=
endif
ifneq ($(origin DEBUG),command line)
DEBUG :=
endif

# Said here, as Kbuild would talk of a directory under build/.
ifneq ($(M),)
ifneq ($(words $(M)),1)
$(error M='$(M)': Kbuild takes no directory with a space in its name)
else ifeq ($(filter /%,$(M)),)
$(error M='$(M)' is not absolute: in the driver's directory, M=$$PWD is)
else ifeq ($(wildcard $(M)/Kbuild $(M)/Makefile),)
$(error M='$(M)' has no Kbuild, which says what to build there: obj-m := <driver>.o)
endif
endif

# Prints the headers to build for. It runs with the recipe: what an earlier line installs counts.
ifeq ($(origin KDIR),command line)
find-kdir := echo '$(KDIR)'
else ifneq ($(filter patched debug reprobe,$(KERNEL)),)
find-kdir := $(S)/build-kernel $(KERNEL) --kdir
else
find-kdir := $(S)/toolchain --default-kdir
endif

# What `make kernel` builds.
own-kernel := $(if $(filter-out 0,$(DEBUG)),debug,$(patsubst stock,patched,$(KERNEL)))

# Sets kdir and out for the chosen kernel, with the toolchain probed if that is due.
define for-kernel
kdir=$$($(find-kdir)) && $(S)/probe-once "$$kdir" '$(TOP)build' && \
out='$(TOP)build'/$$(cat "$$kdir/include/config/kernel.release")
endef

# Runs scripts/build.mk there.
define build
$(for-kernel) && $(S)/locked "$$out" $(MAKE) -f $(S)/build.mk KDIR="$$kdir" BUILD="$$out"
endef

.PHONY: modules crates help kernel run test test-host test-ui test-kunit kunit fmt fmt-check clippy doc clean fetch deps

modules: ## Build all modules, or those of M=<absolute directory>
	+@$(build) modules $(if $(M),M='$(M)')

crates: ## Build the crates alone
	+@$(build) crates

# A prerequisite, so that what a recipe finds out about the machine is found out afterwards.
deps:
	@$(S)/install-deps $(if $(KERNEL_TOOLS)$(filter-out stock,$(KERNEL)),--kernel-build)

kernel: ## Build the patched kernel into the cache (6 minutes); DEBUG=1: with KASAN, lockdep, .. (8 minutes)
	@$(S)/install-deps --kernel-build
	@$(S)/build-kernel '$(own-kernel)'

run: deps ## Install what is missing, build, and run a sample in QEMU: SAMPLE=pci_testdev KERNEL=stock
	+@$(build) modules
	@$(for-kernel) && $(S)/run-sample '$(SAMPLE)' "$$out/$(SAMPLE).ko" --kernel '$(KERNEL)'

# All suites, and those that need a kernel of ours, get the tools to build it.
test: KERNEL_TOOLS := $(if $(TESTS),$(filter kunit refusal broken long boot-% scripts/build-kernel,$(TESTS)),yes)
test: deps ## Run every test, or the suites TESTS=.. (boot: on KERNEL=stock, patched or debug)
	+@$(S)/test $(TESTS)

test-host: ## Run the unit tests of the crates
	+@$(build) host-tests

test-ui: ## Check that drivers cannot write what they must not: UI=<part of a program's name>
	+@$(build) ui-tests $(if $(UI),UI='$(UI)') $(if $(UI_DIRECTORY),UI_DIRECTORY='$(abspath $(UI_DIRECTORY))')

test-kunit: ## Run the crate's own tests in the debug kernel (which is built first, into the cache: 8 minutes)
	@$(S)/install-deps --kernel-build
	+@$(S)/test kunit

# The module with these tests: build/<release>/kunit/lifebound_kunit.ko. For a kernel with CONFIG_KUNIT: KERNEL=debug.
kunit:
	+@$(build) kunit

fmt: ## Format the Rust sources
	+@$(build) fmt

fmt-check:
	+@$(build) fmt FMT_FLAGS=--check

clippy: ## Lint crates and modules
	+@$(build) clippy

doc: ## Build the crate's documentation
	+@$(build) doc

fetch: deps ## Download what later builds need, so that they work offline
	+@$(build) fetch

clean: ## Remove build/, or with M what was built of that directory; the cache outside of the tree stays
ifeq ($(M),)
	rm -rf '$(TOP)build'
else
	+@$(build) clean M='$(M)'
endif

help: ## This list
	@echo 'Usage: make [TARGET] [NAME=value]..'
	@echo
	@sed -n 's/^\([a-z-]*\):.* ## \(.*\)/  \1|\2/p' $(TOP)Makefile | awk -F'|' '{ printf "%-12s %s\n", $$1, $$2 }'
	@echo
	@echo '  KDIR=DIR    headers of the kernel to build for'
	@echo '              (now: $(or $(shell $(S)/toolchain --default-kdir 2>/dev/null),none installed))'
	@echo '  KERNEL=NAME which kernel: stock (the default), patched, debug or reprobe (scripts/build-kernel --help)'
	@echo '  KERNEL_SRC=DIR  for make kernel: a source tree of Linux 6.12 instead of the package'
	@echo '  M=DIR       build the driver in DIR (an ordinary Kbuild and its .rs files)'
	@echo '  SAMPLE=NAME for run: $(notdir $(patsubst %/boot,%,$(wildcard $(TOP)samples/*/boot $(TOP)drivers/*/*/boot)))'
	@echo '  V=1         show commands'
