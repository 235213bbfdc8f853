#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Each invariant that a comment cites is in Documentation/contract.md, and each invariant there is
# cited. A claim in the documentation names tests that exist.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

name='[A-Z]{3,8}-[A-Z]{4,10}'
grep -rhoE "\b$name\b" rust/kernel rust/machines --include='*.rs' --include='*.c' | sort -u >"$work/cited"
grep -oE "^\| $name \|" Documentation/contract.md | tr -d '| ' | sort -u >"$work/named"
check "there are invariants" test -s "$work/named"
diff "$work/named" "$work/cited" >"$work/diff" && status=0 || status=1
report $status "invariants: named (<) and cited (>)" "$work/diff"

while read -r path; do
	check "a claim names $path, which exists" test -e "$path"
done < <(grep -hoE '`(tests|samples|drivers/misc|rust|scripts)/[a-z0-9_/.-]*' README.md CONTRIBUTING.md Documentation/*.md | tr -d '`' | sort -u)

# But to forbid it.
check "samples and drivers contain no unsafe" sh -c "
	! grep -rnw -e unsafe -e unsafe_code samples drivers --include='*.rs' | grep -v ':#!\[forbid(unsafe_code)\]$'"
for file in $(grep -rlE '^(kernel::)?module[a-z0-9_]*!' samples drivers --include='*.rs'); do
	check "... and $file forbids it" grep -q '^#!\[forbid(unsafe_code)\]$' "$file"
done
finish
