#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# scripts/check: which steps there are, and what it says of the one that fails.

set -euo pipefail
cd "$(dirname -- "$(readlink -f -- "$0")")/../.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# A make that says what it is asked, and fails for the target in FAILS.
mkdir "$work/bin"
cat >"$work/bin/make" <<'END'
#!/bin/sh
echo "make $*" >>"$ASKED"
[ "$2" != "${FAILS:-}" ] || { echo 'pair good ... ok' && echo "error: words of $2" && exit 2; }
END
chmod +x "$work/bin/make"
# with TARGET ARGUMENT...: runs the gate, in which make TARGET fails.
with() {
	local fails=$1
	shift
	: >"$work/asked"
	run_into "$work/out" env PATH="$work/bin:$PATH" ASKED="$work/asked" FAILS="$fails" scripts/check "$@"
}

with nothing
says "all steps" 0 "$work/out" 'CHECK +format +[0-9]+ s  ok' 'CHECK +layers +[0-9]+ s  ok' \
	'CHECK +invariants +[0-9]+ s  ok' 'shims and bindings' \
	'lints' 'must not compile' 'all good: [0-9]+ s'
with clippy
says "the step that fails is the last" 1 "$work/out" 'CHECK +lints +[0-9]+ s  FAILED' '^    error: words of clippy' \
	'^check: lints: failed after [0-9]+ s' '^    Each message names its lint'
check "... and the next is not begun" sh -c "! grep test-ui '$work/asked'"
with test-ui
says "what is good in its output is left out" 1 "$work/out" '^    error: words of test-ui' 'make test-ui UI='
check "... as is right" sh -c "! grep 'pair good' '$work/out'"
with nothing /some/driver
says "a driver" 0 "$work/out" 'format of the driver' 'lints of the driver' 'all good'
check "... alone" sh -c "! grep -v ' M=/some/driver$' '$work/asked'"

# For a driver elsewhere, with make itself: the tree's style, unless it has its own.
mkdir "$work/driver"
cp tests/outside/several/* "$work/driver/"
printf 'fn  narrow() {}\n' >>"$work/driver/one.rs"
run_into "$work/out" make fmt-check M="$work/driver"
says "make fmt-check M= looks there" 2 "$work/out" 'fn narrow'
check "... and at nothing else" sh -c "! grep '^Diff in' '$work/out' | grep -v '$work/driver'"
run_into "$work/out" make fmt M="$work/driver"
says "make fmt M= formats it" 0 "$work/out"
check "... so that nothing is to be done" grep -qx 'fn narrow() {}' "$work/driver/one.rs"
echo 'tab_spaces = 2' >"$work/driver/rustfmt.toml"
run_into "$work/out" make fmt-check M="$work/driver"
says "a driver may have a style of its own" 2 "$work/out" '^Diff in'
finish
