#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Breaks a copy of the tree on purpose, with each of tests/broken/*.patch, and checks that a test
# notices. It builds the crate for each patch, so it is not among the suites that run by default:
# make test TESTS=broken, or BROKEN=NAME for one patch.
#
# The head of a patch names the test to run, and what the test has to say:
#
#     Test: boot NAME KERNEL      tests/boot/NAME on that kernel
#     Test: ui NAME               make test-ui UI=NAME
#     Says: REGEX                 extended, for one of its lines

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh

tree=$PWD/build/broken/tree
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# At the same place each time, so that what is not broken is built once.
copy_tree() {
	local file
	mkdir -p "$tree"
	git ls-files -co --exclude-standard | LC_ALL=C sort >"$work/files"
	(cd "$tree" && find . -name build -prune -o -type f -printf '%P\n' | LC_ALL=C sort | LC_ALL=C comm -13 "$work/files" - |
		xargs -r -d '\n' rm -f --)
	while read -r file; do
		cmp -s "$file" "$tree/$file" || install -D -m "$(stat -c %a "$file")" "$file" "$tree/$file"
	done <"$work/files"
}

# build_boot NAME KERNEL, run_boot NAME KERNEL, build_ui, run_ui NAME: in the copy.
build_boot() {
	mkdir -p "$tree/build/out-$2"
	make -C "$tree" KERNEL="$2" M="$tree/tests/boot/$1" OUT="$tree/build/out-$2"
}

run_boot() {
	local options=(--kernel "$2")
	[ "$2" != stock ] || options=()
	KERNEL=$2 "$tree/scripts/run-sample" "$tree/tests/boot/$1" "$tree/build/out-$2/$1.ko" "${options[@]}"
}

build_ui() { make -C "$tree" crates; }
run_ui() { make -C "$tree" test-ui UI="$1"; }

copy_tree
for patch in tests/broken/${BROKEN:-*}.patch; do
	name=$(basename "$patch" .patch)
	read -r kind argument kernel < <(sed -n 's/^Test: //p' "$patch")
	regex=$(sed -n 's/^Says: //p' "$patch")
	status=0
	patch -d "$tree" -p1 --fuzz=0 --no-backup-if-mismatch <"$patch" >"$work/log" || status=1
	report "$status" "$name: the patch applies" "$work/log"
	if [ "$status" -eq 0 ]; then
		run_into "$work/log" "build_$kind" "$argument" "$kernel"
		report "$status" "$name: the broken tree builds" "$work/log"
		run_into "$work/log" "run_$kind" "$argument" "$kernel"
		good=0
		[ "$status" -ne 0 ] || good=1
		grep -Eq -- "$regex" "$work/log" || good=1
		report "$good" "$name: $kind $argument notices" "$work/log"
	fi
	copy_tree
done
finish
