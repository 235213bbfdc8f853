#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# scripts/machines.awk: which scripts are put into one guest.

set -euo pipefail
here=$(dirname -- "$(readlink -f -- "$0")")
# shellcheck source=tests/scripts/tap.sh
. "$here/tap.sh"

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
out=$scratch/out

# needs NAME SECONDS PART...: adds a script to those that the next `machines` is about.
needs() {
	local name=$1 seconds=$2
	shift 2
	printf "$name\t$seconds\t%s\n" "$@" '' >>"$scratch/needs"
}

# machines WHAT [VARIABLE]...: what is said of them.
machines() {
	local what=$1 variables=()
	shift
	[ $# -eq 0 ] || variables=("${@/#/-v}")
	run_into "$out" awk -v what="$what" "${variables[@]}" -f "$here/../../scripts/machines.awk" "$scratch/needs"
}

# fits NAME, conflicts NAME REGEX: whether all that were added can share a guest.
fits() {
	machines check
	says "$1 fits" 0 "$out"
	check "... without a word" test ! -s "$out"
	rm "$scratch/needs"
}

conflicts() {
	machines check
	says "$1 is refused" 1 "$out" "^'one' and 'two' need different machines: .*$2"
	rm "$scratch/needs"
}

needs one 1
needs two 1 '--device edu,addr=08.0'
fits "a script without devices"
needs one 1 '--device edu,addr=08.0'
needs two 1 '--device edu,addr=08.0' '--device edu,addr=09.0'
fits "one device more"
needs one 1 '--device edu,addr=08.0'
needs two 1 '--device edu,addr=08.0,dma_mask=1'
conflicts "another device in the same slot" 'dma_mask'
needs one 1 '--device pcie-root-port,id=rp1,addr=05.0' '--device edu,id=e1,bus=rp1'
needs two 1 '--device pcie-root-port,id=rp1,addr=05.0'
conflicts "the same port with nothing behind it" 'e1'
needs one 1 '--device edu,id=e1,addr=05.0'
needs two 1 '--device edu,id=e1,addr=06.0'
conflicts "a name in another slot" 'e1'
needs one 1 '--device qemu-xhci,id=x,addr=05.0' '--device usb-mouse,bus=x.0'
needs two 1 '--device qemu-xhci,addr=06.0'
conflicts "another USB controller" 'USB'
needs one 1 '--device qemu-xhci,addr=05.0' '--device usb-mouse'
needs two 1 '--device edu,addr=06.0'
fits "a USB controller that the other does not have"
needs one 1 'ACPI device LIFE0001'
needs two 1 'ACPI device LIFE0001'
conflicts "an ACPI device of the same name" 'LIFE0001'
needs one 1 '--append a=b'
needs two 1
conflicts "a kernel parameter" 'a=b'
needs one 1 '--qemu-arg -serial --qemu-arg null'
needs two 1
fits "an argument for QEMU"
needs one 1 '--append kmemleak=off' '--one-thread'
needs two 1
fits "what makes no difference"

needs a 1 '--device edu,addr=08.0'
needs b 1 '--device pcie-root-port,id=rp1,addr=05.0' '--device edu,id=e1,bus=rp1' '--device pci-testdev,addr=09.0'
needs c 1 '--device pci-testdev,addr=0a.0'
needs d 1
machines hide
says "devices of the kind that a script tests are hidden from it" 0 "$out" '^a 05.0$' '^b (08.0 0a.0|0a.0 08.0)$' '^c 09.0$'
check "... and nothing from others" test "$(wc -l <"$out")" -eq 3
rm "$scratch/needs"

for name in a b c d e; do needs "$name" 10; done
needs f 30
needs g 20 '--append kmemleak=off'
machines pack most=3 kernel=stock
says "guests are even" 0 "$out" '^40 [a-g] [a-g]$' '^30 [a-g] [a-g]$' '^30 [a-g] [a-g] [a-g]$'
check "... and no more than needed" test "$(wc -l <"$out")" -eq 3
machines pack most=4 kernel=debug
says "leaks are looked for where a script does not forbid it" 0 "$out" '^20 g$' '^40 f [a-e]$' '^40 [a-e] [a-e] [a-e] [a-e]$'
rm "$scratch/needs"
finish
