#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Drivers in QEMU on the stock kernel: each sample, and each directory of tests/boot. Two guests run at a time.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh

kdir=$(scripts/toolchain --default-kdir)
release=$(cat "$kdir/include/config/kernel.release")
out=$PWD/build/$release
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

run_into "$work/build" make modules
report "$status" "samples build" "$work/build"
for directory in tests/boot/*/; do
	name=$(basename "$directory")
	mkdir -p "$out/tests"
	run_into "$work/build" make M="$PWD/tests/boot/$name" OUT="$out/tests"
	report "$status" "tests/boot/$name builds" "$work/build"
done

# start DIRECTORY NAME MODULE: one guest in the background.
start() {
	(
		status=0
		LIFEBOUND_SAMPLES=$PWD/$1 scripts/run-sample "$2" "$3" >"$work/$2.log" 2>&1 </dev/null || status=$?
		echo "$status" >"$work/$2.status"
	) &
}

names=()
guest() {
	start "$@"
	names+=("$2")
	[ $((${#names[@]} % 2)) -ne 0 ] || wait
}

for directory in samples/*/; do
	[ -e "$directory/boot" ] || continue
	name=$(basename "$directory")
	guest samples "$name" "$out/$name.ko"
done
for directory in tests/boot/*/; do
	name=$(basename "$directory")
	guest tests/boot "$name" "$out/tests/$name.ko"
done
wait
for name in "${names[@]}"; do
	report "$(cat "$work/$name.status")" "$name" "$work/$name.log"
done
finish
