#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# The tests of the crate that run in a kernel: the suites at the foot of its files, in one module,
# on the debug kernel, or on the one that KERNEL names (debug-7.3). SUITE=NAME and TEST=NAME choose
# the tests whose suites and names contain NAME.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# glob PART NAME...: prints KUnit's pattern for the NAMEs, which are those that contain PART.
glob() {
	[ $# -gt 2 ] && printf '*%s*' "$1" || printf '%s' "$2"
}

filter=()
if [ -n "${SUITE:-}${TEST:-}" ]; then
	suites=$(scripts/pick suite "${SUITE:-}")
	cases=$(scripts/pick case "${TEST:-}" $suites)
	# shellcheck disable=SC2086 # names without spaces
	filter=(--append "kunit.filter_glob=$(glob "${SUITE:-}" $suites).$(glob "${TEST:-}" $cases)")
fi

kernel=${KERNEL:-debug}
need_kernel "$kernel"
out=$PWD/build/$(cat "$kdir/include/config/kernel.release")
module=$out/kunit/lifebound_kunit.ko

builds_quietly "the module with the tests builds" "$work/build" make kunit KERNEL="$kernel"
check "other modules are linked with a crate without tests" \
	sh -c "! readelf -SW '$out/lib/libkernel.rlib' | grep kunit_test_suites"

# A suite may take longer than a task may hang elsewhere.
run_into "$work/boot" scripts/boot --kernel "$kernel" --timeout 200 --append kunit.enable=1 --append kunit.autorun=1 --append slab_nomerge "${filter[@]}" \
	--append sysctl.kernel.hung_task_timeout_secs=300 --module "$module" --script tests/kunit/boot
mkdir "$work/said"
number=0
while IFS='|' read -r bad name; do
	report "$bad" "$name" "$work/said/$((++number))"
done < <(awk -v directory="$work/said" -f scripts/ktap.awk "$work/boot")
report "$status" "the kernel has nothing to report, and the module can be unloaded" "$work/boot"
finish
