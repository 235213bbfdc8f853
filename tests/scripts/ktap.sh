#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# scripts/ktap.awk: what is counted as a failure.

set -euo pipefail
here=$(dirname -- "$(readlink -f -- "$0")")
# shellcheck source=tests/scripts/tap.sh
. "$here/tap.sh"
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
mkdir "$work/said"

# suite NAME PLAN RESULT...: what a kernel prints about a suite.
suite() {
	local name=$1 result
	printf '[    1.234567]     %s\n' "KTAP version 1" "# Subtest: $name" "1..$2"
	shift 2
	for result in "$@"; do
		printf '[    1.234567]     %s\n' "$result"
	done
}

# sums NAME WANTED: good if standard input is summed up as WANTED.
sums() {
	awk -v directory="$work/said" -f "$here/../../scripts/ktap.awk" >"$work/out"
	printf '%s' "$2" >"$work/wanted"
	status=0
	diff "$work/wanted" "$work/out" >"$work/diff" || status=1
	report "$status" "$1" "$work/diff"
}

{
	echo '[    1.000000] KTAP version 1'
	echo '[    1.000000] 1..2'
	suite one 2 'ok 1 a' 'ok 2 b # SKIP no device'
	echo '[    1.234567] ok 1 one'
	suite two 2 'ok 1 c' '# d: ASSERTION FAILED at x.rs:7' 'not ok 2 d'
	echo '[    1.234567] not ok 2 two'
} >"$work/console"
sums "results" $'0|one: a\n0|one: b # SKIP no device\n0|two: c\n1|two: d\n' <"$work/console"
check "what a failed test said is kept" grep -q 'd: ASSERTION FAILED at x.rs:7' "$work/said/4"
check "... and not what others did" sh -c "! grep 'ok 1 c' '$work/said/4'"

sums "no suite" $'1|no suite has run\n' <<<'[    1.000000] kunit: disabled'
{ echo '1..1' && suite one 3 'ok 1 a'; } >"$work/console"
sums "a suite that ends early" $'0|one: a\n1|one: 1 of 3 results\n' <"$work/console"
{ echo '1..1' && suite one 1 'ok 1 a' 'ok 2 b'; } >"$work/console"
sums "a suite with more than it planned" $'0|one: a\n0|one: b\n1|one: 2 of 1 results\n' <"$work/console"
{ echo '1..2' && suite one 1 'ok 1 a'; } >"$work/console"
sums "a suite that did not run" $'0|one: a\n1|1 of 2 suites have run\n' <"$work/console"
{ echo '1..1' && suite kunit_fails 2 'not ok 1 a' 'ok 2 b'; } >"$work/console"
sums "tests that must fail" \
	$'0|kunit_fails: a (fails, as it must)\n1|kunit_fails: b (fails, as it must)\n' <"$work/console"
finish
