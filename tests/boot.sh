#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Drivers in QEMU: each sample, each driver, and each directory of tests/boot. Two guests run at a time. On the stock
# kernel, or on the one that KERNEL names (make test TESTS=boot KERNEL=debug).
#
# A directory of tests/boot without a Kbuild is for a module of the tree, which it names: `# tests: MODULE` in `boot`.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh

kernel=${KERNEL:-stock}
export KERNEL=$kernel
options=()
case $kernel in
stock) kdir=$(scripts/toolchain --default-kdir) ;;
*)
	need_kernel "$kernel"
	options=(--kernel "$kernel")
	;;
esac
release=$(cat "$kdir/include/config/kernel.release")
out=$PWD/build/$release
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

run_into "$work/build" make modules
report "$status" "samples and drivers build" "$work/build"
for directory in tests/boot/*/; do
	[ -e "$directory/Kbuild" ] || continue
	name=$(basename "$directory")
	mkdir -p "$out/tests"
	run_into "$work/build" make M="$PWD/tests/boot/$name" OUT="$out/tests"
	report "$status" "tests/boot/$name builds" "$work/build"
done

# start DIRECTORY NAME MODULE: one guest in the background.
start() {
	(
		status=0
		LIFEBOUND_SAMPLES=$PWD/$1 scripts/run-sample "$2" "$3" "${options[@]}" >"$work/$2.log" 2>&1 </dev/null || status=$?
		echo "$status" >"$work/$2.status"
	) &
}

names=()
guest() {
	start "$@"
	names+=("$2")
	[ $((${#names[@]} % 2)) -ne 0 ] || wait
}

for directory in samples/*/ drivers/*/*/; do
	[ -e "$directory/boot" ] || continue
	name=$(basename "$directory")
	guest "$(dirname "$directory")" "$name" "$out/$name.ko"
done
for directory in tests/boot/*/; do
	[ -e "$directory/boot" ] || continue
	name=$(basename "$directory")
	module=$out/tests/$name.ko
	[ -e "$directory/Kbuild" ] || module=$out/$(sed -n 's/^# tests: *//p' "$directory/boot").ko
	guest tests/boot "$name" "$module"
done
wait
for name in "${names[@]}"; do
	report "$(cat "$work/$name.status")" "$name" "$work/$name.log"
done
finish
