#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# What the compiler makes of it: a register access is the instructions of C's readl() and writel(), and a module is
# small.

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

# instructions MODULE FUNCTION: without addresses, padding and alignment; registers and operands stay. A small integer
# that is returned is extended by the load itself in Rust, and left as it is in C: the same access.
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
while read -r name limit; do
	bytes=$(text "$out/$name.ko")
	file=$(stat -c %s "$work/stripped.ko")
	small=0
	[ "$bytes" -lt "$limit" ] || small=1
	report $small "$name has $bytes bytes of text, under $limit (stripped file: $file)"
done <<-EOF_SIZES
	minimal 24576
	pci_testdev 40960
EOF_SIZES
finish
