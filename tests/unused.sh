#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# The tree has no unused names of C's: each shim of rust/helpers is called, and each entry of
# rust/bindings/allow.txt allows something that the crates name.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# words FILE..: each identifier that stands in code there, once.
words() {
	sed -E 's|//.*||; s|/\*.*\*/||; /\/\*/,/\*\//d' "$@" | grep -oE '\b[A-Za-z_][A-Za-z0-9_]*\b' | sort -u
}

# find_unused_shims TREE: prints each function that a header of rust/helpers declares, and that
# neither the crates nor another shim names. A definition, which begins its line, is no use.
find_unused_shims() (
	cd "$1"
	find rust/kernel -name '*.rs' -exec cat {} + | words - >"$work/used"
	sed -E '/^[A-Za-z]/s/\blb_[A-Za-z0-9_]+\(//g' rust/helpers/*.c | words - >>"$work/used"
	grep -hoE '^[a-z].*\blb_[A-Za-z0-9_]+\(' rust/helpers/*.h | grep -oE '\blb_[A-Za-z0-9_]+\($' | tr -d '(' |
		sort -u >"$work/declared"
	sort -u "$work/used" | comm -13 - "$work/declared"
)

# expand REGEX: prints the regexes that its alternatives, `(a|b)` and `(a)?`, stand for.
expand() (
	set -f
	eval "printf '%s\n' $(sed -E 's/\)\?/|)/g; s/\(([^|()]*)\)/\1/g; y/(|)/{,}/' <<<"$1")"
)

# find_unused_entries TREE: prints each name of allow.txt that nothing uses, and each entry for
# functions that lets through whatever is called so.
find_unused_entries() (
	local kind regex name
	cd "$1"
	find rust/kernel rust/bindings/ffi.rs -name '*.rs' -exec cat {} + | words - >"$work/used"
	# What both compilers are to see alike is in use, too.
	words rust/bindings/layout.c >>"$work/used"
	while read -r kind regex; do
		while read -r name; do
			if [[ $kind == function && $name == *[*+.]* && $name != 'lb_.*' ]]; then
				printf 'function %s\n' "$name"
			fi
			# The values of an enumeration come with its type, whose name they begin
			# with.
			[ "$kind" != type ] || name+='(_[A-Z].*)?'
			grep -qxE -- "$name" "$work/used" || printf '%s %s\n' "$kind" "$name"
		done < <(expand "$regex")
	done < <(grep -E '^(function|type|var) ' rust/bindings/allow.txt)
)

find_unused_shims . >"$work/shims"
check "each shim is used: remove the others" diff /dev/null "$work/shims"
find_unused_entries . >"$work/entries"
check "each entry of allow.txt is used: remove the others" diff /dev/null "$work/entries"

# It finds what is there.
mkdir -p "$work/tree/rust"
cp -r rust/helpers rust/bindings rust/kernel "$work/tree/rust/"
printf '%s\n' '#include "helpers.h"' '' '/* lb_idle() is idle. */' 'int lb_idle(int a,' '	    int b)' '{' '	return 1;' '}' \
	>"$work/tree/rust/helpers/idle.c"
sed -i 's|^/\* bug.c \*/$|int lb_idle(int a, int b);\n\n&|' "$work/tree/rust/helpers/helpers.h"
printf '%s\n' 'function (put_device|kill_(fasync|pid))' 'function seq_.*' 'type (device|pipe_inode_info)' \
	'var (NO_SUCH_.*|iomem_resource)' >"$work/tree/rust/bindings/allow.txt"
echo '// bindings::kill_pid()' >>"$work/tree/rust/kernel/bug.rs"
check "a shim that is not called is found" sh -c "[ '$(find_unused_shims "$work/tree")' = lb_idle ]"
find_unused_entries "$work/tree" >"$work/entries"
check "what no code names is found in allow.txt" diff "$work/entries" - <<'END'
function kill_fasync
function kill_pid
function seq_.*
type pipe_inode_info(_[A-Z].*)?
var NO_SUCH_.*
END
finish
