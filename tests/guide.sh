#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Does what Documentation/guide.md says. It puts the blocks of code into a directory, in order, and
# builds after each section. The line above a block names its file:
#
#   `FILE`:                    the whole of FILE
#   `FILE`, changed:           a change to FILE
#   `FILE`, refused (`WORD`):  a change that does not compile, and is then undone; each error
#                              contains WORD (E0597)
#   `FILE` has:                a part of a file of this tree, which another test compiles
#
# The result must be the driver of drivers/misc/edu.
#
# Documentation/gpu.md has parts of files that are compiled elsewhere. The line above a block names
# the file in the same way; the block must be in it, whatever its indentation.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh
# shellcheck source=tests/blocks/blocks.sh
. tests/blocks/blocks.sh

guide=Documentation/guide.md
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
begin_document "$guide" "$PWD/build/guide/edu"

build() {
	run_into "$work/log" make M="$driver"
}

# built SECTION: the directory builds, without a warning.
built() {
	build
	[ "$status" -ne 0 ] || ! grep -q '^warning' "$work/log" || status=1
	report "$status" "$guide, section $1 builds" "$work/log"
}

# refused BLOCK LANGUAGE FILE WORD: checks that the driver with this block does not compile, for
# this reason alone.
refused() {
	cp "$driver/$3" "$work/saved"
	apply "$@"
	build
	cp "$work/saved" "$driver/$3"
	grep '^error' "$work/log" | grep -v '^error: aborting' >"$work/errors" || true
	check "$guide, a change to $3 is refused ($4)" sh -c "
		[ $status -ne 0 ] && [ -s '$work/errors' ] && ! grep -v '$4' '$work/errors'"
}

last=
for block in "$work"/[0-9]*; do
	read -r section language file word <"$block"
	if [ -n "$word" ]; then
		built "$section"
		refused "$block" "$language" "$file" "$word"
		last=
		continue
	fi
	[ -z "$last" ] || [ "$last" = "$section" ] || built "$last"
	last=$section
	apply "$block" "$language" "$file"
done
[ -z "$last" ] || built "$last"

# What is only in drivers/misc/edu is no part of the module: its test.
for file in drivers/misc/edu/Kbuild drivers/misc/edu/*.rs; do
	check "the guide arrives at $file" diff -u "$driver/$(basename "$file")" "$file"
done
for file in "$driver"/*.rs; do
	check "... and makes $(basename "$file") for it" test -e "drivers/misc/edu/$(basename "$file")"
done

# quotes DOCUMENT [REGEX]: prints the blocks of code that are not in their file, which the line
# above the block names. With REGEX, only those count that have such a line above them.
quotes() {
	awk -v regex="${2:-}" '
		BEGIN { label = regex == "" ? "^`[^`]+`:$" : regex }
		function trimmed(line) { gsub(/^[ \t]+|[ \t]+$/, "", line); return line "\n" }
		function text_of(file,    line, text) {
			while ((getline line < file) > 0) text = text trimmed(line)
			close(file)
			return text
		}
		/^```/ && inside {
			inside = 0
			if (file == "" ? regex == "" : index(text_of(file), block) == 0) print FILENAME ":" begin ": not in \"" file "\""
			file = ""
			next
		}
		/^```/ { inside = 1; begin = FNR; block = ""; next }
		inside { block = block trimmed($0); next }
		$0 ~ label { split($0, part, "`"); file = part[2]; next }
		!/^$/ { file = "" }
	' "$1"
}
quotes "$guide" '^`[^`]+` has:$' >"$work/quotes"
check "$guide: each part of a file is there" diff /dev/null "$work/quotes"
sed 's/last_is_the_last/last_is_the_first/' "$guide" >"$work/guide.md"
check "... which is looked at" test "$(quotes "$work/guide.md" '^`[^`]+` has:$' | wc -l)" -eq 1
quotes Documentation/gpu.md >"$work/quotes"
check "Documentation/gpu.md: each block is a part of the file that it names" diff /dev/null "$work/quotes"
{
	grep -v '^`drivers/gpu/nova/gpu.rs`:$' Documentation/gpu.md
	printf '`%s`:\n\n```rust\n%s\n```\n' drivers/gpu/nova/gpu.rs 'nothing of this kind;'
} >"$work/gpu.md"
check "... which is looked at: one without a file and one with other text" \
	test "$(quotes "$work/gpu.md" | wc -l)" -eq 2
finish
