#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# The crates on this machine: unit tests, examples of the documentation, programs that must not
# compile, lints and formatting.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

builds_quietly "the crates build" "$work/crates" make crates

run_into "$work/tests" make test-host
while IFS='|' read -r outcome name; do
	[ "$outcome" = ok ] && report 0 "$name" || report 1 "$name"
done < <(sed -n 's/^test \(.*\) \.\.\. \(ok\|FAILED\)$/\2|\1/p' "$work/tests")
report "$status" "the unit tests and examples as a whole" "$work/tests"

run_into "$work/clippy" make clippy
report "$status" "make clippy" "$work/clippy"
run_into "$work/fmt" make fmt-check
report "$status" "make fmt would change nothing" "$work/fmt"
finish
