#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# What a driver's module says of itself. KERNEL=7.3 looks at a module for another kernel.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
export KERNEL=${KERNEL:-stock}
driver=$work/shipped module=$work/shipped/shipped.ko
cp -r tests/outside/shipped "$driver"

# --- modinfo --------------------------------------------------------------------------------------

builds_quietly "a driver of two files" "$work/log" make M="$driver"
release=$(modinfo -F vermagic "$module" | cut -d' ' -f1)
kdir=$(if [ "$KERNEL" = stock ]; then scripts/toolchain --default-kdir; else scripts/fetch-kernel headers --release "$KERNEL"; fi)

# field NAME VALUE..: modinfo prints these values, in any order.
field() {
	local name=$1
	shift
	check "modinfo: $name" diff <(modinfo -F "$name" "$module" | sort) <(printf '%s\n' "$@" | sort)
}
field author 'A. Author <author@example.org>' 'B. Author'
field description 'All that modinfo shows'
field license GPL
field version 1.2.3
field name shipped
field firmware shipped.bin
field alias shipped-by-name 'pci:v00001B36d00000005sv*sd*bc*sc*i*'
field parm 'level:How much (byte)'
field depends ''
check "modinfo: vermagic is that of the kernel's own modules" \
	test "$(modinfo -F vermagic "$module")" = "$release SMP preempt mod_unload$(grep -qx CONFIG_MODVERSIONS=y "$kdir/include/config/auto.conf" && echo ' modversions') "
builds_quietly "a driver that needs another module" "$work/log" make M="$PWD/samples/usb_inquiry" OUT="$work/usb"
check "modinfo: depends names it" test "$(modinfo -F depends "$work/usb/usb_inquiry.ko")" = usbcore

# The sum of the sources: the same wherever they are, another with each of their files.
first=$(modinfo -F srcversion "$module")
check "modinfo: srcversion" grep -qxE '[0-9A-F]{23}' <<<"$first"
cp -r tests/outside/shipped "$work/again"
make M="$work/again" >/dev/null 2>&1
check "... is the same elsewhere" test "$(modinfo -F srcversion "$work/again/shipped.ko")" = "$first"
sed -i 's/read32(0x4)/read32(0x8)/' "$work/again/registers.rs"
make M="$work/again" >/dev/null 2>&1
check "... is another if the second file is" test "$(modinfo -F srcversion "$work/again/shipped.ko")" != "$first"

finish
