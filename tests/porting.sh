#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Does what Documentation/porting.md says: takes one driver from Lifebound to Linux and back. Blocks
# of code are those of tests/guide.sh. A line that begins with **Builds** says where the driver
# builds at that point:
#
#   here                                     with Lifebound, without a warning
#   in Linux                                 in Linux's own crate
#   in Linux with the compatibility crate    the same, with rust/lifebound-compat
#   not in Linux                             an error of the compiler in Linux's own crate
#
# For Linux, KERNEL_SRC names a tree of Linux 7.3 that was built with CONFIG_RUST=y; without it,
# those are skipped. With it, the samples are built there, too: as they are, or with the
# compatibility crate (tests/upstream/compat), or not at all (tests/upstream/absent).

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh
# shellcheck source=tests/blocks/blocks.sh
. tests/blocks/blocks.sh

document=Documentation/porting.md
linux=$PWD/build/porting/linux
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
begin_document "$document" "$PWD/build/porting/testdev"

# The compiler that the tree was built with, of those in PATH: no other can read its crates.
rustc=
if [ -n "${KERNEL_SRC:-}" ]; then
	version=$(sed -n 's/^CONFIG_RUSTC_VERSION_TEXT="\(.*\)"$/\1/p' "$KERNEL_SRC/.config")
	while read -r program; do
		[ "$("$program" --version)" != "$version" ] || rustc=${rustc:-$program}
	done < <(type -ap rustc)
	check "the compiler of KERNEL_SRC is there: $version" test -n "$rustc"
fi

# in_linux DIRECTORY NAME [COMPAT]: builds a copy of DIRECTORY's driver in the Linux tree; sets
# `status`.
in_linux() {
	rm -rf -- "$linux"
	mkdir -p "$linux"
	cp -- "$1"/*.rs "$linux/"
	echo "obj-m := $2.o" >"$linux/Kbuild"
	if [ -n "${3:-}" ]; then
		printf '%s\n' "lifebound-compat := $PWD/rust/lifebound-compat" \
			"include \$(lifebound-compat)/compat.mk" >>"$linux/Kbuild"
	fi
	run_into "$work/log" make -C "$KERNEL_SRC" M="$linux" RUSTC="$rustc" KBUILD_MODPOST_WARN=1 modules
	[ "$status" -ne 0 ] || ! grep -q '^warning' "$work/log" || status=1
}

# linux_report NAME: the result of `in_linux`, or that there is no tree.
linux_report() {
	if [ -n "${KERNEL_SRC:-}" ]; then
		report "$status" "$1" "$work/log"
	else
		report 0 "$1 # SKIP KERNEL_SRC names no tree of Linux 7.3"
	fi
}

# refused_in_linux DIRECTORY NAME: sets `status` to 0 if the compiler refuses the driver's own code.
refused_in_linux() {
	in_linux "$1" "$2"
	[ "$status" -ne 0 ] && grep -q '^error' "$work/log" && ! grep -q 'E0514' "$work/log" && status=0 || status=1
}

# builds SECTION WHERE: looks whether WHERE is true.
builds() {
	local where
	tr ',' '\n' <<<"${2%.}" | sed 's/^ *//' >"$work/where"
	while read -r where; do
		case $where in
		here)
			run_into "$work/log" make M="$driver"
			[ "$status" -ne 0 ] || ! grep -q '^warning' "$work/log" || status=1
			report "$status" "$document, section $1 builds here" "$work/log"
			;;
		"in Linux")
			[ -z "${KERNEL_SRC:-}" ] || in_linux "$driver" testdev
			linux_report "$document, section $1 builds in Linux"
			;;
		"in Linux with the compatibility crate")
			[ -z "${KERNEL_SRC:-}" ] || in_linux "$driver" testdev compat
			linux_report "$document, section $1 builds in Linux with the compatibility crate"
			;;
		"not in Linux")
			[ -z "${KERNEL_SRC:-}" ] || refused_in_linux "$driver" testdev
			linux_report "$document, section $1 does not build in Linux"
			;;
		*) report 1 "$document, section $1: '$where' is no place" ;;
		esac
	done <"$work/where"
}

for block in "$work"/[0-9]*; do
	read -r section language file _ <"$block"
	if [ "$language" = builds ]; then
		builds "$section" "$(sed -n '2s/^\*\*Builds\*\* //p' "$block")"
	else
		apply "$block" "$language" "$file"
	fi
done

for directory in samples/*/ drivers/misc/edu/; do
	name=$(basename "$directory")
	if grep -q "^$name: " tests/upstream/absent; then
		[ -z "${KERNEL_SRC:-}" ] || refused_in_linux "$directory" "$name"
		linux_report "$name does not build in Linux, as tests/upstream/absent says"
	elif grep -q "^$name: " tests/upstream/compat; then
		[ -z "${KERNEL_SRC:-}" ] || in_linux "$directory" "$name" compat
		linux_report "$name builds in Linux with the compatibility crate"
		[ -z "${KERNEL_SRC:-}" ] || refused_in_linux "$directory" "$name"
		linux_report "... and not without it"
	else
		[ -z "${KERNEL_SRC:-}" ] || in_linux "$directory" "$name"
		linux_report "$name builds in Linux"
	fi
done
[ -z "${KERNEL_SRC:-}" ] || in_linux tests/upstream/attach attach compat
linux_report "tests/upstream/attach builds in Linux with the compatibility crate"
run_into "$work/log" make M="$PWD/tests/upstream/attach"
report "$status" "... and here" "$work/log"
finish
