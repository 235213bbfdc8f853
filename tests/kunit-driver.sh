#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# The suites of a driver, which `make kunit M=..` runs in the debug kernel, and their failing twins.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

need_kernel debug
run_into "$work/log" make kunit M="$PWD/tests/kunit_driver"
says "the suites of a driver run" 0 "$work/log" \
	'^ok 1 - kunit_driver: last_is_the_last' '^ok 2 - kunit_driver: memory_can_be_had'
says "... and tests that must fail do: of a comparison, an error, a panic in the driver" 0 "$work/log" \
	'^ok 3 - kunit_driver_fails: comparison \(fails' '^ok 4 - kunit_driver_fails: error \(fails' \
	'^ok 5 - kunit_driver_fails: panics_in_the_driver \(fails' '^1..5$'

# The twin fails, and says where.
mkdir "$work/twin"
cp tests/kunit_driver/* "$work/twin"
sed -i '/Each of these must fail/,$d; s/assert_eq!(last(&\[1, 2, 4\]), 4)/assert_eq!(last(\&[1, 2, 4]), 5)/' "$work/twin/kunit_driver.rs"
run_into "$work/log" make kunit M="$work/twin"
says "a test that fails makes the command fail" 2 "$work/log" '^not ok 1 - kunit_driver: last_is_the_last' \
	'kunit_driver.rs:[0-9]+' 'left:  4' '^ok 2 - kunit_driver: memory_can_be_had' '1 of 2 tests failed'
sed -i '/kunit_tests/,$d' "$work/twin/kunit_driver.rs"
run_into "$work/log" make kunit M="$work/twin"
says "a driver without suites is refused" 2 "$work/log" 'has a suite of tests'
run_into "$work/log" make kunit M="$PWD/tests/kunit_driver" KERNEL=stock
says "... and so is a kernel without KUnit" 2 "$work/log" 'has no CONFIG_KUNIT: KERNEL=debug has'

run_into "$work/log" make new-driver NAME=fresh BUS=none DIR="$work/fresh"
run_into "$work/log" make -C "$work/fresh" LIFEBOUND="$PWD" kunit
says "a new driver has a suite" 0 "$work/log" '^ok 1 - fresh: module_has_its_name$' '^1..1$'

run_into "$work/log" make M="$PWD/tests/kunit_driver" OUT="$work/out"
report "$status" "the driver itself builds" "$work/log"
check "... without suites" sh -c "! readelf -SW '$work/out/kunit_driver.ko' | grep kunit_test_suites"
finish
