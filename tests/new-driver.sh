#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# What `make new-driver` writes builds for each bus, is formatted, has no lints, and boots.
# BUSES="pci usb" tries these alone; BOOTED="pci" says which of them are booted.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
kdir=$(scripts/toolchain --default-kdir)

for bus in ${BUSES:-none pci platform auxiliary usb i2c spi serdev}; do
	driver=$work/$bus
	run_into "$work/log" make new-driver NAME="my_$bus" BUS="$bus" DIR="$driver"
	report "$status" "$bus: a new driver" "$work/log"
	check "... has all its names" bash -c "! grep -rl '@[A-Z]*@' '$driver'"
	needs=$(sed -n 's/^# needs: *//p' "$driver/boot")
	if [ -n "$needs" ] && ! grep -q "^$needs=" "$kdir/include/config/auto.conf"; then
		report 0 "... builds # SKIP this kernel has no $needs"
		continue
	fi
	run_into "$work/log" make -C "$driver" LIFEBOUND="$PWD"
	report "$status" "... builds" "$work/log"
	check "... without warnings" quiet "$work/log"
	run_into "$work/log" make fmt-check M="$driver"
	report "$status" "... is formatted" "$work/log"
	if [[ " ${BOOTED:-pci none} " == *" $bus "* ]]; then
		run_into "$work/log" make -C "$driver" LIFEBOUND="$PWD" boot
		says "... boots" 0 "$work/log" "'my_$bus' passed|'$bus' passed"
	fi
	make -C "$driver" LIFEBOUND="$PWD" clean >/dev/null
done

# refused WHAT TEXT VARIABLE..: nothing is written.
refused() {
	local what=$1 text=$2
	shift 2
	run_into "$work/log" make new-driver "$@"
	says "$what" 2 "$work/log" "$text"
}
refused "a bus that is not there" "BUS='isa' is none of: auxiliary i2c none pci platform serdev spi usb" NAME=x1 BUS=isa DIR="$work/x"
refused "no name" "is no name for a module" BUS=pci DIR="$work/x"
refused "a name with a dash" "is no name for a module" NAME=my-driver BUS=pci DIR="$work/x"
refused "no directory" "DIR=<absolute directory> says where" NAME=x1 BUS=pci
mkdir -p "$work/full" && touch "$work/full/file"
refused "a directory with files" "is not empty" NAME=x1 BUS=pci DIR="$work/full"
check "nothing was written" test ! -e "$work/x"

run_into "$work/log" make new-driver NAME=edited BUS=pci DIR="$work/edited"
run_into "$work/log" make rust-analyzer M="$work/edited"
report "$status" "rust-analyzer gets a project" "$work/log"
check "... whose crates are there" bash -c "grep -o '\"root_module\":\"[^\"]*' '$work/edited/rust-project.json' | cut -d'\"' -f4 | xargs ls >/dev/null"
check "... that has the driver" grep -q '"root_module":"'"$work"'/edited/edited.rs"' "$work/edited/rust-project.json"
finish
