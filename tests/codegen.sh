#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# The code that the compiler makes: a register access has the instructions of C's readl() and
# writel(), a module is small, and it imports only what it uses. A new symbol in a list of
# tests/codegen/imports needs a reason.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh

release=$(cat "$(scripts/toolchain --default-kdir)/include/config/kernel.release")
out=$PWD/build/$release
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

run_into "$work/build" make M="$PWD/tests/codegen" OUT="$out/tests"
report "$status" "the twins build" "$work/build"

# instructions MODULE FUNCTION: prints the instructions without addresses, padding and alignment,
# with registers and operands. For a small integer that is returned, Rust's load extends it, and C's
# load does not: this is the same access.
instructions() {
	objdump -dr --no-show-raw-insn --disassemble="$2" "$1" |
		sed -n 's/^ *[0-9a-f]*:\t\([a-z].*\)/\1/p' |
		sed -e 's/ *[0-9a-f]* <.*>$//' -e 's/[ \t]*$//' \
			-e 's/^movzbl *\(.*\),%eax/mov    \1,%al/' -e 's/^movzwl *\(.*\),%eax/mov    \1,%ax/' |
		grep -v -e '^nop' -e '^xchg *%ax,%ax' -e '^int3' -e '^endbr64' || true
}

for function in twin_{read,write}{8,16,32,64}; do
	for language in rust c; do
		instructions "$out/tests/codegen_$language.ko" "$function" >"$work/$language"
	done
	same=0
	grep -q mov "$work/c" && diff -u "$work/c" "$work/rust" >"$work/diff" 2>&1 || same=1
	report $same "$function: C's instructions" "$work/diff"
done

# text MODULE: bytes of code in the stripped module.
text() {
	strip --strip-debug -o "$work/stripped.ko" "$1"
	size -A "$work/stripped.ko" | awk '$1 ~ /text/ { sum += $2 } END { print sum }'
}

run_into "$work/build" make modules
report "$status" "the samples build" "$work/build"
mkdir "$work/readme"
sed -n '/^```rust$/,/^```$/p' README.md | grep -v '^```' >"$work/readme/blinker.rs"
echo 'obj-m := blinker.o' >"$work/readme/Kbuild"
run_into "$work/build" make M="$work/readme"
report "$status" "the driver in README builds" "$work/build"

# needs MODULE: prints the symbols that a stripped module imports, and the source files that it
# names, one a line.
needs() {
	nm -u "$1" | awk '{ print $2 }'
	# core's digits may stand right in front of a name.
	strings "$work/stripped.ko" | sed 's/^[0-9A-Fa-f]*0x//' | grep -xE '[^ ]*[a-z_0-9]\.(rs|c|h)' || true
}

# Of an older or newer 6.12 or another gcc a few may differ: inlined functions are theirs.
lists=tests/codegen/imports
while read -r name limit; do
	module=$out/$name.ko
	[ "$name" != blinker ] || module=$work/readme/blinker.ko
	bytes=$(text "$module")
	file=$(stat -c %s "$work/stripped.ko")
	small=0
	[ "$bytes" -lt "$limit" ] || small=1
	report $small "$name has $bytes bytes of text, under $limit (stripped file: $file)"
	needs "$module" | LC_ALL=C sort -u >"$work/needs"
	LC_ALL=C comm -13 <(grep -v '^#' "$lists/$name") "$work/needs" >"$work/new"
	new=0
	[ ! -s "$work/new" ] || new=1
	report $new "$name imports nothing that $lists/$name does not have" "$work/new"
	strings "$work/stripped.ko" >"$work/strings"
	# These names of this machine could be in it: the directories of the tree, the driver, the
	# headers, the compiler and cargo.
	grep -F -e "$PWD/" -e "$work/" -e "$HOME/" -e /usr/ -e "$(scripts/toolchain --default-kdir)" "$work/strings" >"$work/paths" && paths=1 || paths=0
	report $paths "$name names no path of this machine" "$work/paths"
done <<-EOF_SIZES
	blinker 17000
	minimal 10400
	pci_testdev 17200
	auxiliary_pair 24400
	edu 46000
EOF_SIZES
finish
