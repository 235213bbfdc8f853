# SPDX-License-Identifier: GPL-2.0
#
# Builds the crates, and the modules of one directory, for one kernel. Called by scripts/build:
#   make -f scripts/build.mk KDIR=<headers> BUILD=build/<release> \
#        [M=<directory>] [OUT=<directory>] TARGET
# All output goes to BUILD, and the finished modules to OUT, which is M unless it is given.
# TARGET: crates, modules, clean, clippy, doc, fmt, fetch, host-tests, ui-tests, mistakes, kunit, ..
#
# An output that is made of source files, of this tree or the kernel's, has a list of them beside it
# (NAME.d). The sources are no prerequisites: scripts/inputs has removed each output whose sources
# have changed, whatever their times say.

MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.SUFFIXES:
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c

TOP := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))..)
B := $(abspath $(BUILD))
Q := $(if $(V),,@)

# Each file is made beside its place: a make that is killed leaves none that is new and not whole.
WHOLE := $(TOP)/scripts/whole

include $(B)/toolchain.mk

# listed FILE...: the end of a recipe, which names the source files that the target was made of.
define listed
@printf '%s: %s\n' '$(@F)' '$1' >$@.d
@touch $@
endef

export RUSTC_BOOTSTRAP := 1
export LIFEBOUND_BUILD := $(B)
export LIFEBOUND_LIB := $(B)/lib
export LIFEBOUND_RUSTC := $(RUSTC)
export LIFEBOUND_LD := $(LD)
export LIFEBOUND_GENERATED := $(B)/generated
export CARGO_TARGET_DIR := $(B)/cargo
export RUSTC RUSTDOC
# Empty, not unset: then a configuration file does not count either.
export CARGO_ENCODED_RUSTFLAGS :=
export RUSTC_WRAPPER :=
export RUSTC_WORKSPACE_WRAPPER :=
export MAKEFLAGS
ifdef LIBCLANG_PATH
export LIBCLANG_PATH
endif

# --- the target kernel's own flags ----------------------------------------------------------------

# Every call of Kbuild gets these variables:
# - the version and the options that Kconfig leaves unset without CONFIG_RUST;
# - objtool runs on the linked module, which alone contains all code;
# - no BTF, since pahole cannot use Rust's debug information; so its version does not matter either.
KBUILD := $(MAKE) -C $(KDIR) --no-print-directory CONFIG_RUSTC_VERSION=$(RUSTC_VERSION_NUMBER) \
	delay-objtool=y CONFIG_DEBUG_INFO_BTF_MODULES= \
	PAHOLE_VERSION=$(shell sed -n 's/^CONFIG_PAHOLE_VERSION=//p' $(KDIR)/include/config/auto.conf)

# The programs that make all outputs.
TOOLS = $(RUSTC) $(wildcard $(dir $(RUSTC))../lib/librustc_driver-*.so $(dir $(RUSTC))../lib/*/librustc_driver-*.so) $(CARGO) \
	$(CLIPPY_DRIVER) $(BINDGEN) $(wildcard $(LIBCLANG_PATH)/libclang*.so*) $(LD) $(RUST_SRC)/core/src/lib.rs \
	$(TOP)/rust/kbuild/flags.kbuild $(addprefix $(TOP)/scripts/,build.mk build-core bindgen)

# Neither Kbuild nor cargo looks at the kernel or at the compilers: what was built for another
# kernel, or by others, has to go.
$(B)/flags.mk:
	$(Q)rm -rf $(addprefix $(B)/,probe tree ext clippy sysroot cargo generated helpers lib kunit host ui)
	@mkdir -p $(B)/probe
	$(Q)cp $(TOP)/rust/kbuild/flags.kbuild $(B)/probe/Kbuild
	$(Q)$(KBUILD) M=$(B)/probe RUSTC=$(RUSTC) $(if $(filter CC=%,$(ASKED)),CC=$(CC)) >$(B)/probe/log 2>&1 || \
		{ cat $(B)/probe/log >&2; exit 1; }
	$(Q)echo '$(TOOLS)' | cat $(B)/probe/flags.mk.d - | tr '\n' ' ' >$@.d
	$(Q)$(WHOLE) $@ cp $(B)/probe/flags.mk {}

ifneq ($(MAKECMDGOALS),flags)
include $(B)/flags.mk
endif

# Debian's target stands in for the target file of a kernel with CONFIG_RUST. The other flags make
# the code fit into that kernel's modules.
TARGET_FLAGS := --target=x86_64-unknown-none -Crelocation-model=static -Zplt=yes -Zdirect-access-external-data=yes \
	$(if $(LB_RETPOLINE),-Zretpoline-external-thunk)

# Functions start at even addresses; merge.lds puts them at any. Room between two functions
# is text, and an entry in the unwinder's table, which the kernel sorts when it loads a module.
TARGET_FLAGS += -Cllvm-args=-align-all-functions=1

# With KASAN each access is checked by a call. Globals and stack frames are not checked: globals
# would need constructors, which the merging of sections drops.
ifneq ($(LB_KASAN_RUSTFLAGS),)
TARGET_FLAGS += $(addprefix -Cllvm-args=-asan-,globals=0 stack=0 kernel-mem-intrinsic-prefix=1 \
	instrumentation-with-call-threshold=0)
endif

CODEGEN := $(filter -C% -Z%,$(filter-out -Zbinary_dep% -Zfunction-sections% -Cdebuginfo%,$(LB_RUSTFLAGS)))
CRATE_FLAGS := $(TARGET_FLAGS) $(CODEGEN) $(LB_KASAN_RUSTFLAGS) -Zfunction-sections=y
export LIFEBOUND_TARGET_FLAGS := $(TARGET_FLAGS)
export LIFEBOUND_LDFLAGS := $(LB_LDFLAGS)
export LIFEBOUND_FRAME_WARN := $(LB_FRAME_WARN)

# --- core -----------------------------------------------------------------------------------------

SYSLIB := $(B)/sysroot/lib/rustlib/x86_64-unknown-none/lib
CORE := $(SYSLIB)/libcore.rlib $(SYSLIB)/libcompiler_builtins.rlib

# Cargo does not look at the sysroot: what it built on another `core` has to go.
$(CORE) $(SYSLIB)/address-symbol &: $(B)/flags.mk
	$(Q)rm -rf $(CARGO_TARGET_DIR)/x86_64-unknown-none
	+$(Q)$(TOP)/scripts/build-core $(SYSLIB) $(RUST_SRC) $(CRATE_FLAGS)

# --- bindings -------------------------------------------------------------------------------------

G := $(B)/generated
INCLUDES := -I$(TOP)/rust/bindings -I$(TOP)/rust/helpers -I$(TOP)/rust/machines

# gcc's flags that clang does not know; none of them moves a field.
CLANG_CFLAGS := $(filter-out -mpreferred-stack-boundary=% -mindirect-branch% -mfunction-return% -mharden-sls% \
	-mskip-rax-setup -mrecord-mcount -fno-allow-store-data-races -fconserve-stack -fno-stack-clash-protection \
	-falign-% -fpatchable-function-entry% -fplugin% -fno-ipa-% -fno-var-tracking% -fmin-function-alignment% \
	-fno-partial-inlining -fsanitize% -fasan-% --param% asan-% -fcf-protection% -W% -g -mno-fp-ret-in-387 -fno-tree-% -ftrivial-auto-var-init%,$(LB_CFLAGS)) \
	-Wno-everything -fms-extensions

$(G)/bindings.rs: $(B)/flags.mk
	@mkdir -p $(@D)
	$(Q)cd $(KDIR) && $(TOP)/scripts/timed "bindings" $(WHOLE) $@ $(TOP)/scripts/bindgen $(BINDGEN) $(TOP)/rust/bindings/bindings.h -o {} \
		$$(sed -n 's/^\(function\|type\|var\) \(.*\)/--allowlist-\1 \2/p; s/^opaque \(.*\)/--opaque-type \1/p' \
			$(TOP)/rust/bindings/allow.txt) --depfile $@.d \
		$(if $(RUSTFMT),,--formatter=none) --use-core --ctypes-prefix crate::ffi --rust-target 1.85 --rust-edition 2024 --no-doc-comments \
		--default-enum-style consts --with-derive-default --no-derive-debug --default-macro-constant-type signed \
		-- --target=x86_64-linux-gnu $(CLANG_CFLAGS) $(INCLUDES) -DMODULE
	$(Q)sed -i '$$s|$$| $(TOP)/rust/bindings/allow.txt|' $@.d

$(G)/layout.rs: $(B)/flags.mk
	@mkdir -p $(@D)
	$(Q)cd $(KDIR) && $(LB_CC) $(LB_CFLAGS) $(INCLUDES) -MD -MF $@.d -S -o $(G)/layout.s $(TOP)/rust/bindings/layout.c
	$(Q)$(WHOLE) $@ sed -n \
		-e 's/.*->size \([a-z0-9_]*\) \$$*\([0-9]*\) .*/const _: () = assert!(size_of::<crate::\1>() == \2);/p' \
		-e 's/.*->offset \([a-z0-9_]*\) \([a-z0-9_]*\) \$$*\([0-9]*\) .*/const _: () = assert!(core::mem::offset_of!(crate::\1, \2) == \3);/p' \
		-e 's/.*->constant \([A-Z0-9_]*\) \$$*\([0-9]*\) .*/const _: () = assert!(crate::\1 == \2);/p' \
		$(G)/layout.s

# The names of <linux/pci_ids.h>; a class has six digits there, or the first four of them.
$(G)/pci_ids.rs: $(B)/flags.mk
	@mkdir -p $(@D)
	$(Q)cd $(KDIR) && echo '#include <linux/pci_ids.h>' | $(LB_CC) $(LB_CFLAGS) -MD -MF $@.d -E -dM -o $(G)/pci_ids.h -
	$(Q)sed -i '$$s|$$| $(TOP)/scripts/pci-ids.awk|' $@.d
	$(Q)sort $(G)/pci_ids.h | $(WHOLE) $@ awk -f $(TOP)/scripts/pci-ids.awk

GENERATED := $(G)/bindings.rs $(G)/layout.rs $(G)/pci_ids.rs

# --- C shims and machines -------------------------------------------------------------------------

# Pairs of the crate's name for a bus or a framework and Kconfig's. If the target kernel is built
# without one, its module of the crate and its shims are left out.
PARTS := auxiliary:AUXILIARY_BUS clk:COMMON_CLK configfs:CONFIGFS_FS i2c:I2C pci:PCI pwm:PWM regulator:REGULATOR serdev:SERIAL_DEV_BUS spi:SPI usb:USB
LACKS := $(foreach part,$(PARTS),$(if \
	$(shell grep '^CONFIG_$(lastword $(subst :, ,$(part)))=[ym]$$' $(KDIR)/include/config/auto.conf),,$(firstword $(subst :, ,$(part)))))
without = $(foreach part,$(LACKS),$1/$(part).c $1/$(part)_%.c)

in-c = $(patsubst $(TOP)/rust/$1/%.c,$(B)/helpers/$1/%.o,\
	$(filter-out $(call without,$(TOP)/rust/$1),$(wildcard $(TOP)/rust/$1/*.c)))
SHIMS := $(call in-c,helpers) $(call in-c,machines)

$(B)/helpers/%.o: $(B)/flags.mk
	@mkdir -p $(@D)
	$(Q)cd $(KDIR) && $(LB_CC) $(filter-out -g,$(LB_CFLAGS)) -falign-functions=1 -Wno-missing-prototypes -ffunction-sections -fdata-sections \
		-fmacro-prefix-map=$(TOP)/= -I$(TOP)/rust/helpers -I$(TOP)/rust/machines -MD -MF $@.d \
		-S -o $(@:.o=.c.s) $(TOP)/rust/$*.c
	$(Q)sed -i '$$s|$$| $(TOP)/rust/kbuild/shim-tables.awk|' $@.d
	$(Q)awk -f $(TOP)/rust/kbuild/shim-tables.awk $(@:.o=.c.s) >$(@:.o=.s)
	$(Q)$(WHOLE) $@ $(LB_CC) -m64 -c -o {} $(@:.o=.s)

$(B)/helpers/libhelpers.a: $(SHIMS)
	$(Q)$(WHOLE) $@ ar rcsD {} $^
	$(call listed,$(SHIMS:$(B)/helpers/%.o=$(TOP)/rust/%.c))

# --- crates ---------------------------------------------------------------------------------------

# CONFIG_X=y of the target kernel as --cfg=CONFIG_X for the crate's own conditions.
CFGS := $(shell sed -n 's/^\(CONFIG_\(PREEMPT_RCU\|LOCKDEP\|KUNIT\|DEBUG_SPINLOCK\|PREEMPT_RT\|HAS_IOPORT\|DYNAMIC_DEBUG\)\)=[ym]$$/--cfg=\1/p' \
	$(KDIR)/include/config/auto.conf)

# Where the driver's data is dropped follows from the headers: see rust/kernel/driver.rs.
CFGS += $(if $(LB_POST_UNBIND),--cfg=lifebound_post_unbind) $(if $(LB_PATCHED),--cfg=lifebound_patched)

# How modpost knows a table of ids.
CFGS += $(if $(LB_KMOD_TABLES),--cfg=lifebound_kmod_tables)

# Whether C describes pulses as waveforms: see rust/kernel/pwm/operations.rs.
CFGS += $(if $(LB_PWM_WAVEFORM),--cfg=lifebound_pwm_waveform)

CFGS += $(LACKS:%=--cfg=lifebound_without_%)

empty :=
space := $(empty) $(empty)
# Cargo names the crates of this tree relative to rust/, and others as they lie in its home.
CARGO_RUSTFLAGS := $(filter-out --target=%,$(CRATE_FLAGS)) $(CFGS) --sysroot=$(B)/sysroot \
	--remap-path-prefix=$(TOP)/vendor/= --remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)/registry/src/= --remap-path-scope=macro
# Cargo takes flags from one place alone. Its configuration files, where users keep theirs, come
# after this variable.
encoded = $$'$(subst $(space),\x1f,$(strip $1))'
# The crate has a function in the place of one of core's: see scripts/build-core. Cargo, too, is to
# look at contents.
CARGO_CALL = env LIFEBOUND_ADDRESS_SYMBOL=$$(cat $(SYSLIB)/address-symbol) \
	CARGO_ENCODED_RUSTFLAGS=$(call encoded,$(CARGO_RUSTFLAGS)) $(CARGO) -Zchecksum-freshness $1 \
	--manifest-path $(TOP)/rust/Cargo.toml --locked --target x86_64-unknown-none --profile kernel

CRATE_SOURCES := $(shell find $(TOP)/rust -name '*.rs' -not -path '*/tests/*' -o -name Cargo.toml -o -name Cargo.lock)
LIBS := kernel pin_init zerocopy driver_zerocopy bindings

$(B)/lib/.stamp: $(CORE) $(GENERATED) $(B)/helpers/libhelpers.a
	@mkdir -p $(@D)
	+$(Q)$(TOP)/scripts/timed "crates for $(KERNELRELEASE)" $(call CARGO_CALL,build) -q -p kernel -p driver-zerocopy \
		--message-format=json-render-diagnostics >$(B)/lib/messages.json
	$(Q)for lib in $(LIBS); do \
		file=$$(sed -n "s|.*\"filenames\":\[\"\([^\"]*/lib$$lib\(-[0-9a-f]*\)\?\.rlib\)\".*|\1|p" $(B)/lib/messages.json | tail -n 1); \
		cmp -s $$file $(B)/lib/lib$$lib.rlib || $(WHOLE) $(B)/lib/lib$$lib.rlib cp $$file {} || exit; \
	done
	$(Q)ln -sf $(CORE) $(B)/lib/
	$(call listed,$(CRATE_SOURCES))

# The crate once more, with its tests, for one module alone: see rust/kernel/kunit.rs.
$(B)/kunit/lib/.stamp: $(B)/lib/.stamp
	@mkdir -p $(@D)
	+$(Q)$(TOP)/scripts/timed "crate with its tests for $(KERNELRELEASE)" $(call CARGO_CALL,rustc) -q -p kernel \
		--message-format=json-render-diagnostics -- --cfg=lifebound_kunit >$(B)/kunit/messages.json
	$(Q)file=$$(sed -n 's|.*"filenames":\["\([^"]*/libkernel\(-[0-9a-f]*\)\?\.rlib\)".*|\1|p' $(B)/kunit/messages.json | tail -n 1) && \
		$(WHOLE) $(@D)/libkernel.rlib cp $$file {}
	$(Q)ln -sf $(foreach lib,$(filter-out kernel,$(LIBS)),$(B)/lib/lib$(lib).rlib) $(CORE) $(@D)/
	@touch $@

.PHONY: host-test layers doc-check
.PHONY: crates modules clean clippy doc fmt fetch host-tests ui-tests mistakes rust-analyzer kunit deb timeline
crates: $(B)/lib/.stamp

# This does not call `cargo clippy`, which may find the driver of another toolchain. Cargo keeps the
# outputs of a wrapper apart from those of the compiler, and finds other crates where builds have
# put them. Clippy looks for clippy.toml from its working directory, which for a driver is the
# kernel's headers.
export CLIPPY_CONF_DIR := $(TOP)
CLIPPY := RUSTC_WORKSPACE_WRAPPER=$(CLIPPY_DRIVER) CLIPPY_ARGS=-Dwarnings

clippy: $(CORE) $(GENERATED) $(B)/lib/.stamp
	+$(Q)$(CLIPPY) $(call CARGO_CALL,check) -q -p kernel -p pin-init -p bindings -p driver-zerocopy
	$(if $(filter --cfg=CONFIG_KUNIT,$(CFGS)),+$(Q)$(CLIPPY) $(call CARGO_CALL,rustc) \
		-q -p kernel -- --cfg=lifebound_kunit)
	+$(Q)CARGO_TARGET_DIR=$(B)/host $(CLIPPY) $(CARGO) -Zchecksum-freshness check -q --manifest-path $(TOP)/rust/Cargo.toml --locked \
		-p macros -p pin-init-internal -p layers -p site -p timeline
	+$(Q)$(MAKE) -f $(TOP)/scripts/build.mk modules EXT=$(B)/clippy/ OUT=$(B)/clippy/modules LIFEBOUND_CLIPPY=$(CLIPPY_DRIVER) \
		KBUILD_EXTRA='KRUSTFLAGS=-Dwarnings'

# The documentation is built for this machine's target. rustdoc does not know the flags of a
# kernel's target, and the interface is the same. A crate links to those whose pages are there when
# it is documented.
doc: $(GENERATED)
	$(Q)rm -rf $(B)/host/doc
	+$(Q)for crate in zerocopy macros pin-init kernel; do \
		CARGO_TARGET_DIR=$(B)/host RUSTDOCFLAGS='-D warnings' $(TOP)/scripts/timed "documentation of $$crate" \
			$(CARGO) -Zchecksum-freshness doc -q --no-deps --manifest-path $(TOP)/rust/Cargo.toml --locked -p $$crate || exit; \
	done
	+$(Q)CARGO_TARGET_DIR=$(B)/host $(CARGO) -Zchecksum-freshness build -q --manifest-path $(TOP)/rust/Cargo.toml --locked -p site
	$(Q)$(TOP)/scripts/timed "site" $(TOP)/scripts/site/make $(B)/host/debug/site $(TOP) $(B)/host/doc $(B)/site
	@echo "  DOC       $(B)/site/index.html"

# Where C's headers are.
HEADERS = $(patsubst -I%,%,$(filter -I%,$(LB_CFLAGS)))

doc-check:
	$(Q)cd $(KDIR) && $(B)/host/debug/site links $(or $(SITE),$(B)/site) $(HEADERS)
	$(Q)cd $(KDIR) && $(B)/host/debug/site aliases $(TOP) $(HEADERS)

# A driver elsewhere is formatted as this tree is, unless it has a file of its own that says how.
fmt:
	$(Q)$(RUSTFMT) $(FMT_FLAGS) $(if $(filter $(TOP),$(M)),$$(cd $(TOP) && git ls-files -co --exclude-standard '*.rs' | \
		sed 's|^|$(TOP)/|'),$(if $(wildcard $(M)/rustfmt.toml $(M)/.rustfmt.toml),,--config-path $(TOP)/rustfmt.toml) \
		$$(find -L $(M) -name '*.rs'))

# Unit tests and examples of all crates, on this machine. Objects of C are not linked, and tests
# that need them are left out. If cargo runs all tests at once, and compares contents, its
# documentation tests do not find their crates.
HOST_TESTS := $(CARGO) -Zchecksum-freshness test --manifest-path $(TOP)/rust/Cargo.toml --locked --workspace --exclude bindings

host-tests: $(GENERATED)
	+$(Q)for kind in '--lib --bins --tests' --doc; do CARGO_TARGET_DIR=$(B)/host $(HOST_TESTS) $$kind || exit; done

# Those with TEST in their names.
host-test: $(GENERATED)
	+$(Q)CARGO_TARGET_DIR=$(B)/host $(TOP)/scripts/host-test '$(TEST)' $(HOST_TESTS)

# Which file imports which.
layers: $(GENERATED)
	+$(Q)CARGO_TARGET_DIR=$(B)/host $(CARGO) -Zchecksum-freshness test -q --manifest-path $(TOP)/rust/Cargo.toml \
		--locked -p layers

# Programs that must not compile, and their near-twins, compiled as Kbuild compiles a driver; see
# tests/ui.sh.
UI_DIRECTORY ?= $(TOP)/tests/ui
UI_SOURCES := $(TOP)/tests/ui-runner.rs $(TOP)/rust/pin-init/tests/reject/expect.rs

$(B)/ui/runner: $(B)/flags.mk
	@mkdir -p $(@D)
	$(Q)$(WHOLE) $@ $(RUSTC) --edition=2024 -O --crate-name runner -o {} $(firstword $(UI_SOURCES))
	$(call listed,$(UI_SOURCES))

ui-tests: $(B)/lib/.stamp $(B)/ui/runner
	$(Q)RUST_MODFILE=ui $(B)/ui/runner $(UI_DIRECTORY) $(B)/ui $(UI) -- $(TOP)/scripts/rustc-module $(LB_RUSTFLAGS) -Zcrate-attr=no_std

# What the compiler says about mistakes; see tests/mistakes.sh.
mistakes: $(B)/lib/.stamp
	$(Q)RUST_MODFILE=mistake $(TOP)/tests/mistakes/tell '$(UI)' $(B)/mistakes $(TOP)/scripts/rustc-module $(LB_RUSTFLAGS) \
		-Zcrate-attr=no_std

# The same for all kernels. It is this tree's cargo that knows where the other crates are.
deb:
	$(Q)$(TOP)/scripts/make-deb $(LIFEBOUND_ROOT)/deb $(CARGO) $(filter-out $(TOP),$(M))

# The modules of M, as `modules` makes them, with the lines of the source for a kernel that has no
# debug information, and the program that reads traces of them: see scripts/timeline/make.
timeline: crates
	+$(Q)$(MAKE) -f $(TOP)/scripts/build.mk modules EXT=$(B)/timeline/ OUT=$(TIMELINE_OUT) KBUILD_EXTRA='KRUSTFLAGS=-Cdebuginfo=2'
	+$(Q)CARGO_TARGET_DIR=$(B)/host $(CARGO) -Zchecksum-freshness build -q --manifest-path $(TOP)/rust/Cargo.toml --locked -p timeline

# What rust-analyzer reads. The crates' own files are named by the cargo that built them.
rust-analyzer: crates
	$(Q)$(TOP)/scripts/rust-project $(B) $(TOP) $(M) $(RUST_SRC) $(CFGS)

fetch:
	$(Q)$(CARGO) fetch -q --manifest-path $(TOP)/rust/Cargo.toml --locked

# --- modules --------------------------------------------------------------------------------------

# A directory is built in a tree of links under BUILD, so that it receives the finished modules and
# nothing else. Each has its own, for each purpose.
EXT := $(B)/
ifdef M
PLACE := $(EXT)ext/$(notdir $(M))-$(shell echo '$(M)' | sha256sum | cut -c1-8)
OUT := $(M)
SOURCES := .
else
M := $(TOP)
PLACE := $(EXT)tree
OUT := $(B)
SOURCES := Kbuild $(patsubst $(TOP)/%,%,$(wildcard $(TOP)/samples $(TOP)/drivers))
endif

export LIFEBOUND_CC := $(LB_CC)
export LIFEBOUND_KDIR := $(KDIR)
export LIFEBOUND_ROOT := $(patsubst %/,%,$(dir $(B)))
export LIFEBOUND_OBJ_IS_PATH := $(LB_OBJ_IS_PATH)
export LIFEBOUND_KERNEL := $(if $(LB_PATCHED),the patched driver core of )$(KERNELRELEASE)
export LIFEBOUND_KBUILD := $(KBUILD) RUSTC=$(TOP)/scripts/rustc-module LD=$(TOP)/scripts/ld-module MODPOST=$(TOP)/scripts/modpost $(if $(V),V=$(V)) $(KBUILD_EXTRA)

modules: crates
	+$(Q)$(TOP)/scripts/modules $(M) $(PLACE) $(OUT) $(SOURCES)

# What `modules` has left for M.
clean:
	$(Q)[ ! -e $(PLACE).delivered ] || xargs -d '\n' -a $(PLACE).delivered rm -f --
	$(Q)rm -rf $(PLACE) $(PLACE).*

# The suites of a driver are built in another place than the driver itself. They need the crate
# that drivers are linked with, without the crate's own suites.
ifneq ($(M),$(TOP))
kunit: crates
	$(if $(filter --cfg=CONFIG_KUNIT,$(CFGS)),,$(error $(KERNELRELEASE) has no CONFIG_KUNIT: KERNEL=debug has))
	+$(Q)$(MAKE) -f $(TOP)/scripts/build.mk modules EXT=$(B)/kunit/ OUT=$(KUNIT_OUT) KBUILD_EXTRA='KRUSTFLAGS=--cfg=lifebound_kunit'
else
kunit: $(B)/kunit/lib/.stamp
	+$(Q)$(MAKE) -f $(TOP)/scripts/build.mk modules M=$(TOP)/tests/kunit OUT=$(B)/kunit LIFEBOUND_LIB=$(B)/kunit/lib
endif
