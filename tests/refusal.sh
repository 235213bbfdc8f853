#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# The patched kernel does not load a driver that was built for the stock driver core, and the stock
# kernel does not load one for the patched core. This holds even if the modules carry no versions,
# and if the kernels differ in nothing but the patch.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh

need_kernel patched
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
mkdir "$work/refusal"

# unversioned FILE: makes a module that does not say which kernel it is for. A kernel that allows
# forced loading loads it.
unversioned() {
	objcopy --rename-section __versions=.former_versions "$1" "$2"
	sed -i 's/vermagic=/Vermagic=/' "$2"
}

# builds KERNEL: builds the modules for it, as $work/refusal/KERNEL-*.ko. The build's output is in
# $work/KERNEL.
builds() {
	local out=$work/out-$1
	mkdir "$out"
	run_into "$work/$1" make KERNEL="$1" M="$PWD/samples/pci_testdev" OUT="$out"
	report "$status" "pci_testdev is built for $1" "$work/$1"
	run_into "$work/refers" make KERNEL="$1" M="$PWD/tests/refusal" OUT="$out" KBUILD_MODPOST_WARN=1
	report "$status" "a module that refers to the marker is built for $1" "$work/refers"
	mv "$out/pci_testdev.ko" "$work/refusal/$1.ko"
	mv "$out/refers.ko" "$work/refusal/$1-marker.ko"
	unversioned "$work/refusal/$1.ko" "$work/refusal/$1-unversioned.ko"
}

# undefined FILE SYMBOL: whether the module needs the symbol from the kernel.
undefined() {
	nm -u "$1" | grep -qw "$2"
}

builds stock
builds patched
says "the build says that a module is for the patched driver core" 0 "$work/patched" 'pci_testdev\.ko \(for the patched driver core of '
check "and does not say so of one for the stock kernel" test "$(grep -c 'patched driver core' "$work/stock")" = 0
check "the module for the patched core refers to the marker" \
	undefined "$work/refusal/patched.ko" lifebound_post_unbind_marker
check "and the one for the stock core does not" \
	test "$(nm -u "$work/refusal/stock.ko" | grep -c lifebound)" = 0

boots() {
	run_into "$work/boot" scripts/boot --kernel "$1" --file "$work/refusal" --script tests/refusal/guest
}

# For the reasons see "disagrees about" and "must match" in kernel/module of the kernel's source.
boots stock
says "the stock kernel refuses a driver for the patched core" 0 "$work/boot" \
	'^patched: refused' '^patched: .*pci_testdev: .*(disagrees about version of symbol|version magic|must match)'
says "nor is it loaded without versions" 0 "$work/boot" '^patched-unversioned: refused' \
	'^patched-unversioned: (module pci_testdev: .* must match|pci_testdev: Unknown symbol)'
says "it refuses one that differs in the marker alone" 0 "$work/boot" '^stock-marker: refused' \
	'^stock-marker: refers: Unknown symbol lifebound_post_unbind_marker'
says "it loads its own" 0 "$work/boot" '^stock: accepted'

boots patched
says "the patched kernel refuses a driver for the stock core" 0 "$work/boot" \
	'^stock: refused' '^stock: .*pci_testdev: .*(disagrees about version of symbol|version magic|must match)'
says "nor is it loaded without versions" 0 "$work/boot" '^stock-unversioned: refused'
says "it has the marker" 0 "$work/boot" '^patched-marker: accepted'
says "it loads its own" 0 "$work/boot" '^patched: accepted'
finish
