# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Test output in the Test Anything Protocol, for the scripts in this directory. Source it, call the
# functions below once per promise, and end with `finish`.

tap_count=0
tap_failed=0

# skip_all REASON: says that nothing here can run, and ends the script.
skip_all() {
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}

# need_kernel NAME: builds the kernel unless the cache has it, and sets `kdir`, its headers. Without
# the tools for a kernel, which the rest of this tree does not need, all tests are skipped. If the
# kernel does not build, that is the only result.
need_kernel() {
	local reason log
	log=$(mktemp)
	if ! kdir=$(scripts/build-kernel "$1" --kdir 2> >(tee "$log" >&2)); then
		reason=$(sed -n 's/^build-kernel: //p' "$log" | tail -n 1)
		[[ $reason != *missing* ]] || skip_all "no $1 kernel: $reason"
		report 1 "the $1 kernel builds" "$log"
		rm -f -- "$log"
		finish
	fi
	rm -f -- "$log"
}

# need_series NAME: fetches headers and image of a series of Debian's kernels unless the cache has
# them, and sets `kdir`. If Debian does not have that series, or not any more, all is skipped; if it
# cannot be fetched, that is the one result.
need_series() {
	local reason log
	log=$(mktemp)
	if ! { kdir=$(scripts/fetch-kernel headers --release "$1") && scripts/fetch-kernel "$1" >/dev/null; } 2> >(tee "$log" >&2); then
		reason=$(sed -n 's/^fetch-kernel: //p' "$log" | tail -n 1)
		[[ $reason != "Debian has no "* ]] || skip_all "$reason"
		report 1 "Linux $1 is fetched" "$log"
		rm -f -- "$log"
		finish
	fi
	rm -f -- "$log"
}

# report STATUS NAME [FILE]: one result; STATUS 0 is good. The end of FILE is shown if it is bad.
report() {
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		printf 'ok %d - %s\n' "$tap_count" "$2"
		return
	fi
	tap_failed=$((tap_failed + 1))
	printf 'not ok %d - %s\n' "$tap_count" "$2"
	[ -z "${3:-}" ] || tail -n 40 -- "$3" | cut -c 1-200 | sed 's/^/#     /'
}

# check NAME COMMAND...: good if COMMAND succeeds.
check() {
	local name=$1 status=0
	shift
	"$@" || status=1
	report "$status" "$name"
}

# run_into FILE COMMAND...: runs COMMAND with all its output in FILE, and sets `status`.
run_into() {
	local file=$1
	shift
	status=0
	"$@" >"$file" 2>&1 || status=$?
}

# quiet FILE: fails, and shows, where a build's output has a warning.
quiet() {
	! grep -inE 'warning|objtool:|Skipping|undefined' "$1"
}

# builds_quietly NAME FILE COMMAND...: has two results: COMMAND succeeds, and its output has no
# warning. FILE gets the output.
builds_quietly() {
	local name=$1 file=$2
	shift 2
	run_into "$file" "$@"
	report "$status" "$name" "$file"
	check "... without warnings" quiet "$file"
}

# says NAME STATUS FILE REGEX...: good if `status` is STATUS and FILE matches each REGEX.
says() {
	local name=$1 wanted=$2 file=$3 regex bad=0
	shift 3
	[ "$status" -eq "$wanted" ] || { bad=1 && printf '# status %d, not %d\n' "$status" "$wanted"; }
	for regex in "$@"; do
		grep -Eq -- "$regex" "$file" || { bad=1 && printf '# nothing matches: %s\n' "$regex"; }
	done
	report "$bad" "$name" "$file"
}

# finish: prints the plan and ends the script, with status 1 if anything was bad.
finish() {
	printf '1..%d\n' "$tap_count"
	[ "$tap_failed" -eq 0 ] || exit 1
	exit 0
}
