# SPDX-License-Identifier: GPL-2.0
#
# Macro definitions of <linux/pci_ids.h> in, constants for rust/kernel/pci/id.rs out.

function rust_name(name) {
	name = toupper(name)
	return name ~ /^[0-9]/ ? "_" name : name
}

$1 == "#define" && $2 ~ /^PCI_VENDOR_ID_/ && $3 ~ /^0x[0-9A-Fa-f]+$/ {
	vendors = vendors "    " rust_name(substr($2, 15)) " = " tolower($3) ",\n"
}

$1 == "#define" && $2 ~ /^PCI_CLASS_/ && $3 ~ /^0x[0-9A-Fa-f]+$/ && length($3) >= 6 {
	digits = substr(tolower($3), 3)
	while (length(digits) < 6)
		digits = digits "0"
	classes = classes "    " rust_name(substr($2, 11)) " = 0x" digits ",\n"
}

END {
	printf "named!(Class, class => class, \"0x{:06x}\", {\n%s});\n", classes
	printf "named!(Vendor, vendor => vendor, \"0x{:04x}\", {\n%s});\n", vendors
}
