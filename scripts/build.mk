# SPDX-License-Identifier: GPL-2.0
#
# Builds the crates, and the modules of one directory, for one kernel. Called by the Makefile:
#   make -f scripts/build.mk KDIR=<headers> BUILD=build/<release> [M=<directory>] TARGET
# All output goes to BUILD, and the finished modules to M. TARGET: crates, modules, clean, clippy, doc, fmt, fetch,
# host-tests, ui-tests, kunit.

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

export RUSTC_BOOTSTRAP := 1
export LIFEBOUND_BUILD := $(B)
export LIFEBOUND_LIB := $(B)/lib
export LIFEBOUND_RUSTC := $(RUSTC)
export LIFEBOUND_LD := $(LD)
export LIFEBOUND_GENERATED := $(B)/generated
export CARGO_TARGET_DIR := $(B)/cargo
export RUSTC RUSTDOC
export MAKEFLAGS
ifdef LIBCLANG_PATH
export LIBCLANG_PATH
endif

# --- the target kernel's own flags -----------------------------------------------------------------------------------

# What Kbuild is told on every call. Version and options that Kconfig leaves unset without CONFIG_RUST; objtool on the
# linked module, which alone holds all code; no BTF, since pahole has no use for Rust's debug information.
KBUILD := $(MAKE) -C $(KDIR) --no-print-directory CONFIG_RUSTC_VERSION=$(RUSTC_VERSION_NUMBER) \
	delay-objtool=y CONFIG_DEBUG_INFO_BTF_MODULES=

# Kbuild does not look at KDIR's own path or at the compiler: what it built for another kernel has to go.
$(B)/flags.mk: $(TOP)/rust/kbuild/flags.kbuild $(B)/toolchain.mk
	$(Q)rm -rf $(B)/probe $(B)/tree $(B)/ext $(B)/clippy
	@mkdir -p $(B)/probe
	$(Q)cp $< $(B)/probe/Kbuild
	$(Q)$(KBUILD) M=$(B)/probe RUSTC=$(RUSTC) >$(B)/probe/log 2>&1 || { cat $(B)/probe/log >&2; exit 1; }
	$(Q)$(WHOLE) $@ cp $(B)/probe/flags.mk {}

ifneq ($(MAKECMDGOALS),flags)
include $(B)/flags.mk
endif

# Debian's target stands in for the target file of a kernel with CONFIG_RUST; the rest makes the code fit its modules.
TARGET_FLAGS := --target=x86_64-unknown-none -Crelocation-model=static -Zplt=yes -Zdirect-access-external-data=yes \
	$(if $(LB_RETPOLINE),-Zretpoline-external-thunk)

# With KASAN each access is checked by a call. Globals and stack frames are left alone: the former would need
# constructors, which the merging of sections drops.
ifneq ($(LB_KASAN_RUSTFLAGS),)
TARGET_FLAGS += $(addprefix -Cllvm-args=-asan-,globals=0 stack=0 kernel-mem-intrinsic-prefix=1 \
	instrumentation-with-call-threshold=0)
endif

CODEGEN := $(filter -C% -Z%,$(filter-out -Zbinary_dep% -Zfunction-sections% -Cdebuginfo%,$(LB_RUSTFLAGS)))
CRATE_FLAGS := $(TARGET_FLAGS) $(CODEGEN) $(LB_KASAN_RUSTFLAGS) -Zfunction-sections=y
export LIFEBOUND_TARGET_FLAGS := $(TARGET_FLAGS)
export LIFEBOUND_LDFLAGS := $(LB_LDFLAGS)
export LIFEBOUND_FRAME_WARN := $(LB_FRAME_WARN)

# --- core ------------------------------------------------------------------------------------------------------------

SYSLIB := $(B)/sysroot/lib/rustlib/x86_64-unknown-none/lib
CORE := $(SYSLIB)/libcore.rlib $(SYSLIB)/libcompiler_builtins.rlib

# Cargo does not look at the sysroot: what it built on another `core` has to go.
$(CORE) $(SYSLIB)/address-symbol &: $(B)/flags.mk $(TOP)/scripts/build-core $(RUST_SRC)/core/src/lib.rs
	$(Q)rm -rf $(CARGO_TARGET_DIR)/x86_64-unknown-none
	+$(Q)$(TOP)/scripts/build-core $(SYSLIB) $(RUST_SRC) $(CRATE_FLAGS)

# --- bindings --------------------------------------------------------------------------------------------------------

G := $(B)/generated
HEADERS := $(wildcard $(TOP)/rust/bindings/*.h $(TOP)/rust/helpers/*.h)
INCLUDES := -I$(TOP)/rust/bindings -I$(TOP)/rust/helpers

# gcc's flags that clang does not know; none of them moves a field.
CLANG_CFLAGS := $(filter-out -mpreferred-stack-boundary=% -mindirect-branch% -mfunction-return% -mharden-sls% \
	-mskip-rax-setup -mrecord-mcount -fno-allow-store-data-races -fconserve-stack -fno-stack-clash-protection \
	-falign-% -fpatchable-function-entry% -fplugin% -fno-ipa-% -fno-var-tracking% -fmin-function-alignment% \
	-fno-partial-inlining -fsanitize% -fasan-% --param% asan-% -fcf-protection% -W% -g -mno-fp-ret-in-387 -fno-tree-% -ftrivial-auto-var-init%,$(LB_CFLAGS)) \
	-Wno-everything -fms-extensions

$(G)/bindings.rs: $(TOP)/rust/bindings/allow.txt $(HEADERS) $(B)/flags.mk
	@mkdir -p $(@D)
	$(Q)cd $(KDIR) && $(TOP)/scripts/timed "bindings" $(WHOLE) $@ $(BINDGEN) $(TOP)/rust/bindings/bindings.h -o {} \
		$$(sed -n 's/^\(function\|type\|var\) \(.*\)/--allowlist-\1 \2/p; s/^opaque \(.*\)/--opaque-type \1/p' $<) \
		--use-core --ctypes-prefix crate::ffi --rust-target 1.85 --rust-edition 2024 --no-doc-comments \
		--default-enum-style consts --with-derive-default --no-derive-debug --default-macro-constant-type signed \
		-- --target=x86_64-linux-gnu $(CLANG_CFLAGS) $(INCLUDES) -DMODULE

$(G)/layout.rs: $(TOP)/rust/bindings/layout.c $(HEADERS) $(B)/flags.mk
	@mkdir -p $(@D)
	$(Q)cd $(KDIR) && $(LB_CC) $(LB_CFLAGS) $(INCLUDES) -S -o $(G)/layout.s $<
	$(Q)$(WHOLE) $@ sed -n \
		-e 's/.*->size \([a-z0-9_]*\) \$$*\([0-9]*\) .*/const _: () = assert!(size_of::<crate::\1>() == \2);/p' \
		-e 's/.*->offset \([a-z0-9_]*\) \([a-z0-9_]*\) \$$*\([0-9]*\) .*/const _: () = assert!(core::mem::offset_of!(crate::\1, \2) == \3);/p' \
		$(G)/layout.s

# The names of <linux/pci_ids.h>; a class has six digits there, or the first four of them.
$(G)/pci_ids.rs: $(TOP)/scripts/pci-ids.awk $(B)/flags.mk
	$(Q)cd $(KDIR) && echo '#include <linux/pci_ids.h>' | $(LB_CC) $(LB_CFLAGS) -E -dM -o $(G)/pci_ids.h -
	$(Q)sort $(G)/pci_ids.h | $(WHOLE) $@ awk -f $<

GENERATED := $(G)/bindings.rs $(G)/layout.rs $(G)/pci_ids.rs

# --- C shims ---------------------------------------------------------------------------------------------------------

# Buses that the target kernel is built without: their modules of the crate and their shims are left out. Pairs of our
# name and Kconfig's.
BUSES := auxiliary:AUXILIARY_BUS i2c:I2C pci:PCI usb:USB
LACKS := $(foreach bus,$(BUSES),$(if \
	$(shell grep '^CONFIG_$(lastword $(subst :, ,$(bus)))=[ym]$$' $(KDIR)/include/config/auto.conf),,$(firstword $(subst :, ,$(bus)))))
without = $(foreach bus,$(LACKS),$1/$(bus).c $1/$(bus)_%.c)

SHIMS := $(patsubst $(TOP)/rust/helpers/%.c,$(B)/helpers/%.o,\
	$(filter-out $(call without,$(TOP)/rust/helpers),$(wildcard $(TOP)/rust/helpers/*.c)))

$(B)/helpers/%.o: $(TOP)/rust/helpers/%.c $(wildcard $(TOP)/rust/helpers/*.h) $(TOP)/rust/kbuild/shim-tables.awk $(B)/flags.mk
	@mkdir -p $(@D)
	$(Q)cd $(KDIR) && $(LB_CC) $(filter-out -g,$(LB_CFLAGS)) -Wno-missing-prototypes -ffunction-sections -fdata-sections \
		-fmacro-prefix-map=$(TOP)/= -I$(TOP)/rust/helpers -S -o $(@:.o=.c.s) $<
	$(Q)awk -f $(TOP)/rust/kbuild/shim-tables.awk $(@:.o=.c.s) >$(@:.o=.s)
	$(Q)$(WHOLE) $@ $(LB_CC) -m64 -c -o {} $(@:.o=.s)

$(B)/helpers/libhelpers.a: $(SHIMS)
	$(Q)$(WHOLE) $@ ar rcsD {} $^

# --- crates ----------------------------------------------------------------------------------------------------------

# CONFIG_X=y of the target kernel as --cfg=CONFIG_X for the crate's own conditions.
CFGS := $(shell sed -n 's/^\(CONFIG_\(PREEMPT_RCU\|LOCKDEP\|KUNIT\|DEBUG_SPINLOCK\|PREEMPT_RT\|HAS_IOPORT\)\)=[ym]$$/--cfg=\1/p' \
	$(KDIR)/include/config/auto.conf)

# Where the driver's data is dropped follows from the headers: see rust/kernel/driver.rs.
CFGS += $(if $(LB_POST_UNBIND),--cfg=lifebound_post_unbind)

# How modpost knows a table of ids.
CFGS += $(if $(LB_KMOD_TABLES),--cfg=lifebound_kmod_tables)

CFGS += $(LACKS:%=--cfg=lifebound_without_%)

empty :=
space := $(empty) $(empty)
# Cargo names the crates of this tree relative to rust/, and others as they lie in its home.
CARGO_RUSTFLAGS := $(filter-out --target=%,$(CRATE_FLAGS)) $(CFGS) --sysroot=$(B)/sysroot \
	--remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)/registry/src/= --remap-path-scope=macro
toml-list = [$(subst $(space),$(empty),$(foreach f,$1,"$f",))]
# The crate has a function in the place of one of core's: see scripts/build-core.
CARGO_CALL = env LIFEBOUND_ADDRESS_SYMBOL=$$(cat $(SYSLIB)/address-symbol) $(CARGO) $1 --manifest-path $(TOP)/rust/Cargo.toml --locked --target x86_64-unknown-none --profile kernel \
	--config 'target.x86_64-unknown-none.rustflags=$(call toml-list,$(CARGO_RUSTFLAGS))'

CRATE_SOURCES := $(shell find $(TOP)/rust -name '*.rs' -not -path '*/tests/*' -o -name Cargo.toml -o -name Cargo.lock)
LIBS := kernel pin_init zerocopy driver_zerocopy bindings

$(B)/lib/.stamp: $(CORE) $(GENERATED) $(B)/helpers/libhelpers.a $(CRATE_SOURCES) $(TOP)/scripts/build.mk
	@mkdir -p $(@D)
	+$(Q)$(TOP)/scripts/timed "crates for $(KERNELRELEASE)" $(call CARGO_CALL,build) -q -p kernel -p driver-zerocopy \
		--message-format=json-render-diagnostics >$(B)/lib/messages.json
	$(Q)for lib in $(LIBS); do \
		file=$$(sed -n "s|.*\"filenames\":\[\"\([^\"]*/lib$$lib\(-[0-9a-f]*\)\?\.rlib\)\".*|\1|p" $(B)/lib/messages.json | tail -n 1); \
		cmp -s $$file $(B)/lib/lib$$lib.rlib || $(WHOLE) $(B)/lib/lib$$lib.rlib cp $$file {} || exit; \
	done
	$(Q)ln -sf $(CORE) $(B)/lib/
	@touch $@

# The crate once more, with its tests, for one module alone: see rust/kernel/kunit.rs.
$(B)/kunit/lib/.stamp: $(B)/lib/.stamp
	@mkdir -p $(@D)
	+$(Q)$(TOP)/scripts/timed "crate with its tests for $(KERNELRELEASE)" $(call CARGO_CALL,rustc) -q -p kernel \
		--message-format=json-render-diagnostics -- --cfg=lifebound_kunit >$(B)/kunit/messages.json
	$(Q)file=$$(sed -n 's|.*"filenames":\["\([^"]*/libkernel\(-[0-9a-f]*\)\?\.rlib\)".*|\1|p' $(B)/kunit/messages.json | tail -n 1) && \
		$(WHOLE) $(@D)/libkernel.rlib cp $$file {}
	$(Q)ln -sf $(foreach lib,$(filter-out kernel,$(LIBS)),$(B)/lib/lib$(lib).rlib) $(CORE) $(@D)/
	@touch $@

.PHONY: crates modules clean clippy doc fmt fetch host-tests ui-tests kunit
crates: $(B)/lib/.stamp

# Not `cargo clippy`, which may find the driver of another toolchain. Cargo keeps what a wrapper made apart from what the
# compiler made, and takes other crates from where builds have put them.
CLIPPY := RUSTC_WORKSPACE_WRAPPER=$(CLIPPY_DRIVER) CLIPPY_ARGS=-Dwarnings

clippy: $(CORE) $(GENERATED) $(B)/lib/.stamp
	+$(Q)$(CLIPPY) $(call CARGO_CALL,check) -q -p kernel -p pin-init -p bindings -p driver-zerocopy
	$(if $(filter --cfg=CONFIG_KUNIT,$(CFGS)),+$(Q)$(CLIPPY) $(call CARGO_CALL,rustc) \
		-q -p kernel -- --cfg=lifebound_kunit)
	+$(Q)CARGO_TARGET_DIR=$(B)/host $(CLIPPY) $(CARGO) check -q --manifest-path $(TOP)/rust/Cargo.toml --locked \
		-p macros -p pin-init-internal
	+$(Q)$(MAKE) -f $(TOP)/scripts/build.mk modules TREE=$(B)/clippy/tree OUT=$(B)/clippy LIFEBOUND_CLIPPY=$(CLIPPY_DRIVER) \
		KBUILD_EXTRA='KRUSTFLAGS=-Dwarnings'

# For this machine's target: the flags of a kernel's are not rustdoc's, and the interface is the same.
doc: $(GENERATED)
	+$(Q)CARGO_TARGET_DIR=$(B)/host RUSTDOCFLAGS='-D warnings' $(TOP)/scripts/timed "documentation" $(CARGO) doc -q --no-deps \
		--manifest-path $(TOP)/rust/Cargo.toml --locked -p kernel -p pin-init
	@echo "  DOC       $(B)/host/doc/kernel/index.html"

fmt:
	$(Q)$(RUSTFMT) --edition 2024 $(FMT_FLAGS) $$(cd $(TOP) && git ls-files -co --exclude-standard '*.rs' | sed 's|^|$(TOP)/|')

# Unit tests and examples of all crates, on this machine. Objects of C are not linked: what needs them is left out.
host-tests: $(GENERATED)
	+$(Q)CARGO_TARGET_DIR=$(B)/host $(CARGO) test --manifest-path $(TOP)/rust/Cargo.toml --locked --workspace --exclude bindings

# Programs that must not compile, and their near-twins, compiled as Kbuild compiles a driver; see tests/ui.sh.
UI_DIRECTORY ?= $(TOP)/tests/ui
UI_SOURCES := $(TOP)/tests/ui-runner.rs $(TOP)/rust/pin-init/tests/reject/expect.rs

$(B)/ui/runner: $(UI_SOURCES)
	@mkdir -p $(@D)
	$(Q)$(WHOLE) $@ $(RUSTC) --edition=2024 -O --crate-name runner -o {} $<

ui-tests: $(B)/lib/.stamp $(B)/ui/runner
	$(Q)RUST_MODFILE=ui $(B)/ui/runner $(UI_DIRECTORY) $(B)/ui $(UI) -- $(TOP)/scripts/rustc-module $(LB_RUSTFLAGS) -Zcrate-attr=no_std

fetch:
	$(Q)$(CARGO) fetch -q --manifest-path $(TOP)/rust/Cargo.toml --locked

# --- modules ---------------------------------------------------------------------------------------------------------

# A directory is built in a tree of links under BUILD, so that it receives the finished modules and nothing else.
ifdef M
TREE := $(B)/ext/$(notdir $(M))-$(shell echo '$(M)' | sha256sum | cut -c1-8)
OUT := $(M)
SOURCES := .
else
M := $(TOP)
TREE := $(B)/tree
OUT := $(B)
SOURCES := Kbuild $(patsubst $(TOP)/%,%,$(wildcard $(TOP)/samples $(TOP)/drivers))
endif

modules: crates
	$(Q)$(TOP)/scripts/mirror $(M) $(TREE) $(SOURCES)
	+$(Q)$(KBUILD) M=$(TREE) RUSTC=$(TOP)/scripts/rustc-module LD=$(TOP)/scripts/ld-module \
		KCFLAGS='$(strip $(KCFLAGS) -fmacro-prefix-map=$(TREE)/=)' $(KBUILD_EXTRA) modules
	$(Q)$(TOP)/scripts/collect $(TREE) $(OUT) '$(if $(LB_POST_UNBIND),the patched driver core of )$(KERNELRELEASE)'

# What `modules` has left for M.
clean:
	$(Q)[ ! -e $(TREE)/modules.order ] || (cd $(OUT) && sed 's|.*/||; s|o$$|ko|' $(TREE)/modules.order | xargs rm -f)
	$(Q)rm -rf $(TREE)

kunit: $(B)/kunit/lib/.stamp
	+$(Q)$(MAKE) -f $(TOP)/scripts/build.mk modules M=$(TOP)/tests/kunit OUT=$(B)/kunit LIFEBOUND_LIB=$(B)/kunit/lib

