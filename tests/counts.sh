#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# What `make bench` counts, as far as it is no matter of a few instructions: a cost does not grow
# with the number of buffers or resources that are there, and a bound device keeps no more memory
# than it has to. QEMU counts instructions, so the counts do not depend on this machine.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh

kdir=$(scripts/toolchain --default-kdir)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

run_into "$work/build" make modules
report "$status" "the samples build" "$work/build"
run_into "$work/build" make M="$PWD/tests/bench" OUT="$PWD/build/$(cat "$kdir/include/config/kernel.release")/tests"
report "$status" "the twins build" "$work/build"
run_into "$work/rows" scripts/bench stock "$kdir" --raw
report "$status" "both twins run" "$work/rows"

# count ROW: prints the count of the row in Rust; nothing if it is missing.
count() {
	awk -v row="$1" '$1 == "rust" && $2 == row { print $3 }' "$work/rows"
}

# is_flat FEW MANY: whether the second row exceeds the first by a hundredth at most.
is_flat() {
	local few many
	few=$(count "$1") many=$(count "$2")
	echo "$1 $few, $2 $many (tenths of an instruction)" >"$work/flat"
	[ -n "$few" ] && [ -n "$many" ] && [ "$((many * 100))" -le "$((few * 101))" ]
}

while read -r few many what; do
	grew=0
	is_flat "$few" "$many" || grew=1
	report $grew "$what" "$work/flat"
done <<-EOF_FLAT
	ring_16 ring_1024 mapping a buffer costs the same with 16 and with 1,024 mapped
	slots_16 slots_1024 so does mapping a slot
	entry_100 entry_5000 an entry costs the same with 100 and with 5,000 managed resources
	oldest_100 oldest_5000 so does ending the oldest
EOF_FLAT

while read -r row limit what; do
	number=$(count "$row")
	more=0
	{ [ -n "$number" ] && [ "$((number / 10))" -le "$limit" ]; } || more=1
	report $more "$what: $((${number:-0} / 10)), at most $limit"
done <<-EOF_LIMITS
	memory 656 bytes that a bound device with a BAR keeps
	allocations 8 allocations that a bound device with a BAR keeps
EOF_LIMITS
finish
