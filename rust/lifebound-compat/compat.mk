# SPDX-License-Identifier: GPL-2.0
#
# For the Kbuild of a driver in a Linux tree with CONFIG_RUST=y, inside of the tree or as M=:
#
#   obj-m := pci_testdev.o
#   lifebound-compat := <this directory>
#   include $(lifebound-compat)/compat.mk
#
# The crate of this directory is compiled beside the driver. The driver's name `kernel` is then this
# crate, which contains Linux's. A module of several objects names those that are made of Rust:
#
#   lifebound-objects := a.o b.o
#
# No object of this crate is linked: its functions are compiled into the driver, as those of generic
# types are.

lifebound-objects ?= $(obj-m) $(obj-y)
lifebound-lib := $(obj)/liblifebound_compat.rmeta

quiet_cmd_lifebound_compat = RUSTC L $@
      cmd_lifebound_compat = $(rust_common_cmd) --crate-name lifebound_compat --emit=metadata=$@ \
	-Zalways-encode-mir -Zcross-crate-inline-threshold=always $<

$(lifebound-lib): $(lifebound-compat)/lib.rs FORCE
	+$(call if_changed_dep,lifebound_compat)

targets += liblifebound_compat.rmeta
clean-files += liblifebound_compat.rmeta

$(foreach object,$(lifebound-objects),$(eval RUSTFLAGS_$(object) += --extern kernel=$(lifebound-lib)))
$(addprefix $(obj)/,$(lifebound-objects)): $(lifebound-lib)
