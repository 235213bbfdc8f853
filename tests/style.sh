#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Checks what no formatter looks at: columns of comments and documentation, phrases, the indentation
# of shell scripts (see tests/style.awk). The first lines of a kind are shown;
# build/test/style.<kind> has all of them.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
mkdir -p build/test

# is_shell FILE: by its first line, or by its place: scripts for guests have none.
is_shell() {
	case $1 in
	*.sh | */boot | scripts/boot.d/guest/* | tests/*/guest) true ;;
	*.*) false ;;
	*) head -n 1 -- "$1" | grep -qE '^#!.*(ba|da)?sh$' ;;
	esac
}

# look DIRECTORY: prints what is found in the files whose names standard input has.
look() (
	local file rust=() c=() hash=() shell=() markdown=()
	cd "$1"
	while IFS= read -r file; do
		case $file in
		*.rs) rust+=("$file") ;;
		*.c | *.h) c+=("$file") ;;
		*.md) markdown+=("$file") ;;
		*Makefile | *Kbuild | *.mk | *.awk | *.kbuild | *.toml | *.lds) hash+=("$file") ;;
		*) ! is_shell "$file" || shell+=("$file") ;;
		esac
	done
	each() {
		[ $# -eq 2 ] || LC_ALL=C awk -v language="$1" -v shell="$2" -f "$here/tests/style.awk" "${@:3}"
	}
	each rust "" "${rust[@]}"
	each c "" "${c[@]}"
	each markdown "" "${markdown[@]}"
	each hash "" "${hash[@]}"
	each hash yes "${shell[@]}"
)

here=$PWD
git ls-files -co --exclude-standard | grep -v '^LICENSES/\|\.patch$' | look . >"$work/found"
while IFS='|' read -r kind name; do
	sed -n "s/^$kind //p" "$work/found" >"build/test/style.$kind"
	lines=$(wc -l <"build/test/style.$kind")
	[ "$lines" -eq 0 ] && status=0 || status=1
	head -n 20 "build/test/style.$kind" >"$work/$kind"
	report "$status" "$name ($lines are not so: build/test/style.$kind)" "$work/$kind"
done <<'END'
long|comments and documentation have at most 100 columns
phrase|nothing is said in a way that is given up
indent|shell scripts are indented by tabs
END

# It finds what is there, and nothing else.
mkdir "$work/tree"
long=$(printf '%0101d' 0)
fit=${long#0}
cat >"$work/tree/a.rs" <<END
//! ${fit#0000}
// ${fit#000}
// ${fit#0000}é
let x = 1; // ${fit#0}
/// | ${fit} |
/// See <https://example.org/$fit>
other(dev); //~2 E0277 ${fit}
const TEXT: &str = "$long";
/// Shown. Ours
/// alone.
fn f() {}
// SAFETY: the caller.
unsafe { g() };
// SAFETY: \`f\` requires X. The caller has it.
unsafe { f() };
/// Context: any context.
/// Context: any.
END
printf '%s\n' "/* ${fit#000000} */" "/*" " * $fit" " * also if" " */" "int x; /* ${fit} */" \
	"	/* ${fit#00000000000000} */" "int f$long(void);" >"$work/tree/b.c"
printf '%s\n' '# A title' "$long" '' '```sh' "$long" '```' "| $long |" '' 'You shall' 'see.' '' 'Not "also if".' >"$work/tree/c.md"
printf '%s\n' '#!/bin/sh' "# $fit" '    spaces' '	tab' 'cat <<EOF' '    text' 'EOF' '  two' \
	"x=$long # short" >"$work/tree/d.sh"
printf '%s\n' "test: ## $long" "# $fit" >"$work/tree/Makefile"
printf '%s\n' a.rs b.c c.md d.sh Makefile | look "$work/tree" | cut -d ' ' -f 1,2 | sort >"$work/out"
sort >"$work/wanted" <<'END'
long a.rs:4:
phrase a.rs:9:
phrase a.rs:12:
phrase a.rs:16:
long b.c:3:
phrase b.c:3:
long b.c:6:
long c.md:2:
phrase c.md:9:
long d.sh:2:
indent d.sh:3:
indent d.sh:8:
long d.sh:9:
long Makefile:2:
END
diff "$work/wanted" "$work/out" >"$work/diff" && status=0 || status=1
report "$status" "it finds what is there, and nothing else" "$work/diff"
finish
