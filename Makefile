# SPDX-License-Identifier: GPL-2.0
#
# The targets for users; `make help` lists them. scripts/build.mk does the work, once for each
# kernel.

MAKEFLAGS += --no-print-directory
SHELL := /bin/bash
.DEFAULT_GOAL := modules
unexport BASH_ENV ENV CDPATH GLOBIGNORE MAKEFILES GNUMAKEFLAGS

# --- variables ------------------------------------------------------------------------------------
#
# Variables of the command line count. Of the environment, KERNEL and SAMPLE count alone;
# scripts/clean-env lists what programs get of it. The text of each variable is checked before
# anything runs: `$(M)` would make make run what is written in it. All names here are `override`,
# since anything may be on the command line.

override empty :=
override space := $(empty) $(empty)
override comma := ,
override hash := \#
override define newline


endef

# What make or a shell takes for more than a letter. `,` divides options of gcc's.
override special := ! " $(hash) $$ % & ' ( ) * : ; < = > ? [ \ ] ^ ` { | }

# found TEXT,CHARACTERS: those that stand in it, by name where they are blank.
override found = $(strip $(foreach c,$2,$(if $(findstring $c,$1),$c)) $(if $(findstring $(space),$1),a space) \
	$(if $(findstring $(newline),$1),a line break) $(if $(subst $(firstword $1),,$1),$(if $(findstring \
	$(space),$1)$(findstring $(newline),$1),,a blank)))

# check NAMES,KIND,CHARACTERS: stops if a variable that is given has one of them.
override check = $(foreach v,$(filter $1,$(given)),$(if $(call found,$(value $v),$3),$(error \
	$v='$(value $v)': neither make nor Kbuild takes $2 with $(call found,$(value $v),$3) in its name)))

# Where this file is. Make takes a name with a space for two.
override self := $(lastword $(MAKEFILE_LIST))
override self := $(if $(filter /%,$(self)),,$(CURDIR)/)$(self)
ifneq ($(call found,$(self),$(special) $(comma))$(if $(wildcard $(self)),,elsewhere),)
$(error the path of this tree has $(or $(call found,$(self),$(special) $(comma)),a space), which neither make nor Kbuild takes: \
	move the tree, or name it by a link)
endif
override TOP := $(dir $(abspath $(self)))
override S := $(TOP)scripts

override given := $(sort $(foreach v,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $v))),$v)) \
	$(foreach v,KERNEL SAMPLE,$(if $(filter undefined,$(origin $v)),,$v)))
override programs := CC LD RUSTC CARGO BINDGEN LIBCLANG_PATH
override shipping := INSTALL_MOD_PATH INSTALL_MOD_DIR INSTALL_MOD_STRIP SIGN_KEY SIGN_CERT
# KERNELRELEASE is what DKMS says besides.
override ours := KERNELRELEASE M LOG KDIR BUILD OUT UI_DIRECTORY SITE KERNEL_SRC $(shipping) $(programs) KERNEL SAMPLE NAME BUS DIR DEBUG SERIES RUST UI TEST SUITE BOOT V TESTS BOOTS ROUNDS BROKEN FMT_FLAGS

$(call check,M LOG KDIR OUT DIR UI_DIRECTORY SITE KERNEL_SRC,a directory,$(special))
$(call check,INSTALL_MOD_PATH INSTALL_MOD_DIR SIGN_KEY SIGN_CERT,a path,$(special))
$(call check,BUILD,a directory,$(special) $(comma))
$(call check,$(programs),a program,$(special) $(comma))
$(call check,KERNEL SAMPLE NAME BUS DEBUG SERIES RUST UI SUITE BOOT V,a word,$(special) $(comma) /)
$(call check,TEST,a word,$(filter-out :,$(special)) $(comma))
$(foreach v,$(filter TESTS BOOTS ROUNDS BROKEN FMT_FLAGS INSTALL_MOD_STRIP,$(given)),$(foreach c,$(special),$(if $(findstring $c,$(value $v)),$(error \
	$v='$(value $v)': these are words, without $c)))$(if $(findstring $(newline),$(value $v)),$(error $v has a line break)))

# Variables that Kbuild knows, and that would not do here what they do there.
override refuse = $(foreach v,$(filter $1,$(given)),$(error $v= is not for this tree: $2))
$(call refuse,O KBUILD_OUTPUT MO,BUILD=<directory> says where the output goes)
$(call refuse,CLIPPY,`make clippy M=<directory>` lints a driver)
$(call refuse,LLVM LLVM_IAS ARCH SUBARCH CROSS_COMPILE CROSS_COMPILE_COMPAT,compiler and architecture are those of the kernel \
	in KDIR; CC=<program> names another compiler of the same kind)
$(call refuse,RUSTFLAGS CARGO_% RUSTC_% KRUSTFLAGS HOSTRUSTFLAGS RUSTDOCFLAGS BINDGEN_% KBUILD_RUSTFLAGS%,the flags for Rust \
	follow from the kernel in KDIR; lints of a driver stand in its Kbuild$(comma) as rustflags-y)
$(call refuse,src obj srctree objtree VPATH SUBDIRS KBUILD_EXTMOD KBUILD_SRC KBUILD_CFLAGS% KBUILD_CPPFLAGS KBUILD_LDFLAGS% AR NM \
	OBJCOPY OBJDUMP READELF STRIP CPP HOSTCC HOSTCXX HOSTLD RUSTDOC RUSTFMT PAHOLE SHELL CONFIG_SHELL MAKE MAKEFLAGS,the build \
	sets it)
$(call refuse,LIFEBOUND_%,it is for the environment$(comma) or for the scripts)

# All others are for the driver's Kbuild, as with Kbuild alone: W=1, KBUILD_EXTRA_SYMBOLS=..,
# CONFIG_X=m. One a line.
override passed := $(filter-out $(ours) MAKEOVERRIDES,$(given))
$(foreach v,$(passed),$(foreach c,$(hash) $$ % & ' ( ) ; < > \ ` | ",$(if $(findstring $c,$(value $v)),$(error \
	$v='$(value $v)': $c is not passed on to a driver's Kbuild)))$(if $(findstring $(newline),$(value $v)),$(error \
	$v has a line break, which is not passed on)))
override LIFEBOUND_KBUILD_VARIABLES := $(subst $(space)$(newline),$(newline),$(foreach v,$(passed),$v=$(value $v)$(newline)))
export LIFEBOUND_KBUILD_VARIABLES
override MAKEOVERRIDES :=

SAMPLE ?= pci_testdev
# Suites of a driver run in a kernel that has KUnit.
KERNEL ?= $(if $(and $(filter kunit,$(MAKECMDGOALS)),$(filter M,$(given))),debug,stock)
$(foreach v,M LOG KDIR NAME BUS DIR DEBUG SERIES RUST BUILD OUT UI TEST SUITE BOOT UI_DIRECTORY SITE TESTS V FMT_FLAGS $(shipping) $(programs),$(if $(filter $v,$(given)),,$(eval override $v :=)))

ifneq ($(M),)
# One directory, one name; but `..` after a link is not what it looks like.
override M := $(if $(findstring /..,$(M)),$(M),$(if $(filter /%,$(M)),$(abspath $(M)),$(M)))
ifeq ($(filter /%,$(M)),)
$(error M='$(M)' is not absolute: in the driver's directory, M=$$PWD is)
else ifeq ($(wildcard $(M)/Kbuild $(M)/Makefile),)
$(error M='$(M)' has no Kbuild, which says what to build there: obj-m := <driver>.o)
endif
endif
ifneq ($(filter-out /%,$(BUILD) $(OUT)),)
$(error $(if $(filter-out /%,$(BUILD)),BUILD='$(BUILD)',OUT='$(OUT)') is not absolute)
endif
ifneq ($(if $(BUILD),$(filter test test-kunit test-boot check,$(MAKECMDGOALS))),)
$(error BUILD= is not for the tests: they work in this tree, and write to $(TOP)build)
endif

# Where everything goes that is built.
override build-root := $(patsubst %/,%,$(or $(abspath $(BUILD)),$(TOP)build))

# The modules of a driver with its suites.
override kunit-out = $(build-root)/kunit-$(notdir $(M))

# A tree that a package has installed (scripts/make-deb) is not written: all goes to the cache.
ifneq ($(wildcard $(TOP).installed),)
ifeq ($(BUILD),)
override build-root := $(shell . '$(S)/lib.sh' && cache_root)/build
ifneq ($(call found,$(build-root),$(special) $(comma)),)
$(error the directory of the cache has $(call found,$(build-root),$(special) $(comma)) in its name: LIFEBOUND_CACHE=<directory> in the environment)
endif
endif
endif

# --- targets --------------------------------------------------------------------------------------

# What KERNEL is if it is the name of a series, such as 7.3 or 6.12-rt: see scripts/fetch-kernel.
override series := 0% 1% 2% 3% 4% 5% 6% 7% 8% 9%

# Prints the headers to build for. It runs with the recipe: what an earlier line installs counts.
ifneq ($(KDIR),)
override find-kdir := echo '$(abspath $(KDIR))'
else ifneq ($(filter patched plain debug reprobe rust plain-% debug-% reprobe-% rust-%,$(KERNEL)),)
override find-kdir := $(S)/build-kernel $(KERNEL) --kdir
else ifneq ($(filter $(series),$(KERNEL)),)
override find-kdir := $(S)/fetch-kernel headers --release '$(KERNEL)'
else
override find-kdir := $(S)/toolchain --default-kdir
endif

# What `make kernel` builds: the name in KERNEL, or one by what it is to have.
ifneq ($(filter-out y n,$(RUST)),)
$(error RUST='$(RUST)' is neither y nor n)
else ifneq ($(and $(filter y,$(RUST)),$(filter-out 0,$(DEBUG))),)
$(error RUST=y and DEBUG=$(DEBUG): of the kernel, gcc builds either Rust code or KASAN)
endif
override own-kernel := $(or $(if $(filter y,$(RUST)),rust),$(if $(filter-out 0,$(DEBUG)),debug),$(filter-out \
	stock,$(KERNEL)),$(if $(filter-out 6.12,$(SERIES)),plain,patched))$(SERIES:%=-%)

# Runs scripts/build.mk for the chosen kernel.
override build = kdir=$$($(find-kdir)) && $(S)/clean-env $(S)/build "$$kdir" '$(build-root)' \
	$(foreach p,$(programs),$(if $($p),'$p=$($p)')) -- $(if $(V),V='$(V)') $(if $(OUT),OUT='$(abspath $(OUT))')

.PHONY: modules crates deb install modules_install sign help kernel run new-driver boot timeline decode rust-analyzer test test-host test-ui mistakes test-kunit test-upstream kunit bench fmt fmt-check clippy doc doc-check clean fetch deps

modules: ## Build all modules, or those of M=<absolute directory>
	+@$(build) modules $(if $(M),M='$(M)')

crates: ## Build the crates alone
	+@$(build) crates

# Neither builds: what a user has built, root can install.
override ship = $(S)/clean-env env $(foreach v,$(shipping) $(if $(KDIR),KDIR),'$v=$(value $v)') $(S)/install-modules

install: ## Install the modules of M=<absolute directory> as they are built: INSTALL_MOD_PATH=, SIGN_KEY=, ..
	$(if $(M),,$(error install needs M=<absolute directory>, that of a driver))
	@$(ship) install '$(or $(OUT),$(M))'

# As Kbuild calls it.
modules_install: install

sign: ## Sign the modules of M=<absolute directory>: SIGN_KEY=<private key> SIGN_CERT=<its certificate>
	$(if $(M),,$(error sign needs M=<absolute directory>, that of a driver))
	@$(ship) sign '$(or $(OUT),$(M))'

deb: ## Make a Debian package of this tree, in build/deb; with M=<absolute directory>, one of that driver for DKMS
	+@$(build) deb $(if $(M),M='$(M)')

# A prerequisite, so that what a recipe finds out about the machine is found out afterwards.
deps:
	@$(S)/clean-env $(S)/install-deps $(if $(KERNEL_TOOLS)$(filter-out stock $(series),$(KERNEL)),--kernel-build) $(if $(TEST_TOOLS),--tests)

kernel: ## Build a kernel into the cache (6 minutes); DEBUG=1: with KASAN, lockdep, .. (8 minutes); SERIES=7.3, RUST=y: see below
	@$(S)/clean-env $(S)/install-deps --kernel-build
	@$(S)/build-kernel '$(own-kernel)'

run: deps ## Install what is missing, build, and run a sample in QEMU: SAMPLE=pci_testdev KERNEL=stock
	+@$(build) modules
	@kdir=$$($(find-kdir)) && release=$$(cat "$$kdir/include/config/kernel.release") && \
		$(S)/run-sample '$(SAMPLE)' '$(or $(OUT),$(build-root)/'"$$release"')/$(SAMPLE).ko' --kernel '$(KERNEL)'

new-driver: ## Write a driver that builds and boots: NAME=foo BUS=none|pci|platform|auxiliary|usb|i2c|spi|serdev DIR=<directory>
	@$(S)/clean-env $(S)/new-driver '$(NAME)' '$(or $(BUS),none)' '$(DIR)'

boot: deps ## Build the driver in M=<absolute directory>, and run its script `boot` in QEMU: KERNEL=stock
	$(if $(M),,$(error boot needs M=<absolute directory>; `make run` is for samples))
	+@$(build) modules M='$(M)'
	@$(S)/clean-env $(S)/boot-driver '$(M)' '$(or $(OUT),$(M))' --kernel '$(KERNEL)'

# It builds the patched kernel unless the cache has it.
timeline: override KERNEL_TOOLS := yes
timeline: deps ## Draw the life of a binding, from traces of the stock and the patched kernel: SAMPLE=pci_testdev or M=<directory>
	+@$(S)/clean-env $(S)/timeline/make '$(or $(M),$(firstword $(wildcard $(TOP)samples/$(SAMPLE) $(TOP)drivers/*/$(SAMPLE)) $(TOP)samples/$(SAMPLE)))' '$(build-root)' \
		$(foreach p,$(programs),$(if $($p),'$p=$($p)'))

decode: ## Show the kernel log LOG=<file> with the lines of the source, of the driver in M=<absolute directory>
	$(if $(LOG),,$(error decode needs LOG=<file>, such as what dmesg prints))
	@$(S)/decode-log --log '$(LOG)' $(if $(OUT)$(M),'$(or $(OUT),$(M))')

rust-analyzer: ## Write rust-project.json for editors: of this tree, or of the driver in M=<absolute directory>
	+@$(build) rust-analyzer $(if $(M),M='$(M)')

# All suites, and those that need a kernel of ours, get the tools to build it.
test: override KERNEL_TOOLS := $(if $(TESTS),$(filter kunit kunit-driver refusal timeline broken long upstream boot-patched boot-debug scripts/build-kernel,$(TESTS)),yes)
# So do those that speak with an editor's server, or make a Debian.
test: override TEST_TOOLS := $(if $(TESTS),$(filter rust-analyzer deb,$(TESTS)),yes)
test: deps ## Run every test, or the suites TESTS=.. (boot: on KERNEL=stock, patched, debug, 7.3, ..)
	+@$(S)/test $(TESTS)

test-host: ## Run the unit tests of the crates: TEST=<part of a test's name>
	+@$(build) $(if $(TEST),host-test TEST='$(TEST)',host-tests)

test-ui: ## Check that drivers cannot write what they must not: UI=<part of a program's name>
	+@$(build) ui-tests $(if $(UI),UI='$(UI)') $(if $(UI_DIRECTORY),UI_DIRECTORY='$(abspath $(UI_DIRECTORY))')

# What the compiler tells the author of each program in tests/mistakes: build/<release>/mistakes.
mistakes:
	+@$(build) mistakes $(if $(UI),UI='$(UI)')

test-kunit: ## Run the crate's own tests in the debug kernel (which is built first, into the cache: 8 minutes)
	@$(S)/clean-env $(S)/install-deps --kernel-build
	+@$(S)/test kunit

# The samples that cannot be built there are in tests/upstream/absent.
test-upstream: ## Build the samples with Linux 7.3's own crate, in its tree, boot them, and compare: KERNEL_SRC=<source tree>
	@$(S)/clean-env $(S)/install-deps --kernel-build
	+@$(S)/test upstream

# The module with the crate's tests is build/<release>/kunit/lifebound_kunit.ko. It needs a kernel
# with CONFIG_KUNIT: KERNEL=debug.
kunit: ## Run the suites of the driver in M=<absolute directory> in the debug kernel (which is built first: 8 minutes)
ifneq ($(M),)
	@$(S)/clean-env $(S)/install-deps $(if $(filter patched debug,$(KERNEL)),--kernel-build)
	+@rm -rf '$(kunit-out)' && mkdir -p '$(kunit-out)' && $(build) kunit M='$(M)' KUNIT_OUT='$(kunit-out)'
	@$(S)/clean-env $(S)/kunit-driver '$(M)' '$(kunit-out)' --kernel '$(KERNEL)'
else
	+@$(build) kunit
endif

bench: deps ## Print what operations cost beside a driver's in C, in instructions (three minutes): KERNEL=stock; KERNEL=rust adds Linux's crate
	+@$(build) modules >/dev/null
	+@$(build) modules M='$(TOP)tests/bench' OUT='$(build-root)/'"$$(cat "$$kdir/include/config/kernel.release")"/tests >/dev/null
	@kdir=$$($(find-kdir)) && $(S)/bench '$(KERNEL)' "$$kdir"

fmt: ## Format the Rust sources
	+@$(build) fmt $(if $(FMT_FLAGS),FMT_FLAGS='$(FMT_FLAGS)')

fmt-check:
	+@$(build) fmt FMT_FLAGS=--check

clippy: ## Lint crates and modules, those of M=<absolute directory> if it is given
	+@$(build) clippy $(if $(M),M='$(M)')

doc: ## Build the documentation, one site of pages and API (once mdbook is built: half a minute)
	@$(S)/clean-env $(S)/install-deps --doc
	+@$(build) doc

# Looks at each link of the site, and at each of C's names by which the API is found.
doc-check:
	+@$(build) doc-check $(if $(SITE),SITE='$(abspath $(SITE))')

fetch: deps ## Download what later builds need, so that they work offline
	+@$(build) fetch

clean: ## Remove build/, or with M what was built of that directory; the cache outside of the tree stays
ifneq ($(M),)
	+@$(build) clean M='$(M)'
else ifeq ($(BUILD),)
	rm -rf '$(TOP)build'
else
	@for directory in '$(build-root)'/*/; do \
		[ ! -e "$$directory/toolchain.mk" ] || { echo "rm -rf '$$directory'" && rm -rf -- "$$directory"; }; \
	done
endif

# --- one test by name, and the gate before a commit -----------------------------------------------

.PHONY: test-boot test-layers check test-named

# A name that no test has is an error before anything is built.
test-ui test-kunit: test-named
test-named:
	$(if $(UI),@UI_DIRECTORY='$(UI_DIRECTORY)' $(S)/pick ui '$(UI)' >/dev/null)
	$(if $(SUITE),@$(S)/pick suite '$(SUITE)' >/dev/null)
	$(if $(filter test-kunit,$(MAKECMDGOALS)),$(if $(TEST),@$(S)/pick case '$(TEST)' $$($(S)/pick suite '$(SUITE)') >/dev/null))

# Those of a driver, too.
fmt fmt-check: override build += $(if $(M),M='$(M)')

test-boot: deps ## Run the drivers of tests/boot, samples and drivers in QEMU: BOOT=<part of a name> KERNEL=stock
	+@boots=$$($(S)/pick boot '$(BOOT)') && BOOTS=$$(echo $$boots) KERNEL='$(KERNEL)' $(S)/test boot

# Part of test-host.
test-layers:
	+@$(build) layers

check: ## The quick gate before a commit: format, lints, invariants, layers, .. (a minute); M=<directory>: a driver's
	+@$(S)/check $(if $(M),'$(M)')

help: ## This list
	@echo 'Usage: make [TARGET] [NAME=value]..'
	@echo
	@sed -n 's/^\([a-z-]*\):.* ## \(.*\)/  \1|\2/p' $(TOP)Makefile | awk -F'|' '{ printf "%-12s %s\n", $$1, $$2 }'
	@echo
	@echo '  KDIR=DIR    headers of the kernel to build for'
	@echo '              (now: $(or $(shell $(S)/toolchain --default-kdir 2>/dev/null),none installed))'
	@echo '  KERNEL=NAME which kernel: stock (the default), one of Debian by its series and flavour (7.3, 7.2, 7.3-rt,'
	@echo '              6.12-cloud, ..: scripts/fetch-kernel --help), patched, debug, reprobe,'
	@echo '              plain-7.3, debug-7.3, rust-7.3 (scripts/build-kernel --help)'
	@echo '  SERIES=7.3  for make kernel: this series as it is, instead of 6.12 with the patch; RUST=y: with its own Rust code'
	@echo '  KERNEL_SRC=DIR  for make kernel and make test-upstream: a source tree instead of the package'
	@echo '  M=DIR       build the driver in DIR (an ordinary Kbuild and its .rs files); variables that are not in this list'
	@echo '              are for its Kbuild: W=1, C=1, KBUILD_EXTRA_SYMBOLS=<Module.symvers of others>, CONFIG_X=m'
	@echo '  INSTALL_MOD_PATH=DIR, INSTALL_MOD_DIR=DIR, INSTALL_MOD_STRIP=1  for install: the root of the system (/), the directory'
	@echo '              below lib/modules/RELEASE (updates), without debug information'
	@echo '  SIGN_KEY=FILE, SIGN_CERT=FILE  for install and sign: a private key and its certificate'
	@echo '  OUT=DIR     where the modules and their Module.symvers go (M=DIR if that is given, else BUILD/<release>)'
	@echo '  BUILD=DIR   where everything else goes that is built, locks too, for a tree that cannot be written'
	@echo '              (now: $(build-root))'
	@echo '  CC, LD, RUSTC, CARGO, BINDGEN, LIBCLANG_PATH  the program to use; what the environment says of them does not count'
	@echo '  SAMPLE=NAME for run: $(notdir $(patsubst %/boot,%,$(wildcard $(TOP)samples/*/boot $(TOP)drivers/*/*/boot)))'
	@echo '  V=1         show commands'
	@echo
	@echo 'One test by name, or several by a part of it; a name that no test has is an error, which says what is near:'
	@echo '  make test-host TEST=NAME     make test-kunit SUITE=NAME TEST=NAME'
	@echo '  make test-ui UI=NAME         make test-boot BOOT=NAME KERNEL=NAME'
