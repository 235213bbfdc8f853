#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# `make timeline`: a picture of a binding's life from traces of both kernels. In each of them Data
# is dropped before anything else is released. The pictures in Documentation are what the program
# makes of the texts beside them, and a new trace has the same order. Times are not compared.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
pages=Documentation/timeline

need_kernel patched
run_into "$work/log" make timeline SAMPLE=pci_testdev
says "a picture is drawn of a sample" 0 "$work/log" 'BUILD .*trace of pci_testdev on 6.12.*-lifebound' '^  TIMELINE  '
made=$(dirname -- "$(sed -n 's/^  TIMELINE  *//p' "$work/log")")
program=$(find build/6.12*-lifebound/host/debug/timeline)

# line NAME FILE: the number of the line of an order.
line() {
	awk -v name="$1" '$0 == name { print NR; found = 1; exit } END { exit !found }' "$2"
}

# in_order FILE NAME..: the lines are there, each after the one before it.
in_order() {
	local file=$1 name at last=0
	shift
	for name; do
		at=$(line "$name" "$file") || { printf '# not there: %s\n' "$name" && return 1; }
		[ "$at" -gt "$last" ] || { printf '# too early: %s\n' "$name" && return 1; }
		last=$at
	done
}

call() { printf 'call\t%s()\t' "$1"; }
return_of() { printf 'return\t%s()\t' "$1"; }
step() { printf 'step\t%s\t%s' "$1" "$2"; }
dropped=("$(printf 'phase\tData is dropped\t')" "$(step '“data dropped”' '')" "$(step 'mapping is undone' -mapping)"
	"$(step 'BAR 0 is given back' '-BAR 0')" "$(step 'memory of Data is freed' -Data)" "$(step 'device is disabled' -device)")
freed=("$(call devres_release_all)" "$(step 'binding is released' -binding)")
for kernel in stock patched; do
	"$program" order "$made/$kernel.txt" >"$work/$kernel"
done
check "stock: unbind, then Data, the device and C's own, the first two in the callback of the bus" in_order "$work/stock" \
	"$(call pci_device_remove)" "$(step '“unbind”' '')" "${dropped[@]}" "$(return_of pci_device_remove)" "${freed[@]}"
check "patched: the same, in the hook of the driver core" in_order "$work/patched" "$(call pci_device_remove)" \
	"$(step '“unbind”' '')" "$(return_of pci_device_remove)" "$(call device_unbind_cleanup)" "${dropped[@]}" "${freed[@]}"
# The twin: what is looked for there is not here.
check "... which is not the order of the stock kernel" sh -c "! cmp -s '$work/stock' '$work/patched'"

# take_over NAME: what brings the pages up to date.
take_over() {
	printf '# make timeline SAMPLE=%s && cp build/timeline/%s/%s.svg %s/\n' "$1" "$1" "$1" "$pages"
	printf '# for kernel in stock patched; do cp build/timeline/%s/$kernel.txt %s/%s.$kernel.txt; done\n' "$1" "$pages" "$1"
}

for picture in "$pages"/*.svg; do
	name=$(basename -- "$picture" .svg)
	"$program" draw "$pages/$name".{stock,patched}.txt >"$work/$name.svg"
	check "$picture is what is drawn of the texts beside it" cmp "$picture" "$work/$name.svg" || take_over "$name"
	check "... and a page shows it" grep -q "(timeline/$name.svg)" Documentation/*.md
done
for kernel in stock patched; do
	"$program" order "$pages/pci_testdev.$kernel.txt" >"$work/page"
	check "the page has the order of the new trace: $kernel" diff "$work/page" "$work/$kernel" || take_over pci_testdev
done

# A driver elsewhere, on another bus.
run_into "$work/log" make new-driver NAME=fresh BUS=platform DIR="$work/fresh"
run_into "$work/log" make timeline M="$work/fresh"
says "a picture is drawn of a driver elsewhere" 0 "$work/log" '^  TIMELINE  '
check "... of what its author has made" grep -q 'fresh bound to' "$(sed -n 's/^  TIMELINE  *//p' "$work/log")"

run_into "$work/log" make timeline SAMPLE=minimal
says "a driver that binds no device is refused" 2 "$work/log" 'minimal.ko binds no device'
run_into "$work/log" make timeline SAMPLE=no_such
says "... and a sample that is not there" 2 "$work/log" "no_such' has no script 'boot'"
finish
