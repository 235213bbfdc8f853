#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# The samples and drivers/misc/edu inside of a Linux tree, built with Linux's own crate, and booted.
# The tree is that of the kernel `rust` (scripts/build-kernel), which is built if the cache does not
# have it: of Debian's 7.3, or of the source tree that KERNEL_SRC names.
#
# Each of them builds as it is; or with the compatibility crate, if tests/upstream/compat has its
# name; or not at all, if tests/upstream/absent has it. A line there is "NAME: reason". The drivers
# in the directories of tests/upstream need the compatibility crate. What builds is booted by its
# own script, and so is what this tree builds of the same source for the same kernel: both must
# print the same.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

crate=rust/lifebound-compat
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

need_kernel rust
out=$PWD/build/$(cat "$kdir/include/config/kernel.release")
tree=$(scripts/build-kernel rust --tree)
place=$tree/drivers/lifebound
exec {lock}>"$tree.place.lock"
hold_lock "$lock" "waiting for another run of this test in $tree"

declare -A directories built
for directory in samples/*/ drivers/misc/edu/ tests/upstream/*/; do
	[ ! -e "$directory/boot" ] || directories[$(basename "$directory")]=${directory%/}
done
mapfile -t names < <(printf '%s\n' "${!directories[@]}" | sort)

# listed TABLE: prints the names in tests/upstream/TABLE, and for compat those of drivers there.
listed() {
	[ "$1" = absent ] || find tests/upstream -mindepth 1 -maxdepth 1 -type d -printf '%f\n'
	sed -n 's/^\([a-z0-9_]*\): .*/\1/p' "tests/upstream/$1" 2>/dev/null || true
}

# modules_of NAME: prints the modules that the Kbuild of NAME builds.
modules_of() {
	sed -n 's/^obj-m *[:+]*= *//p' "${directories[$1]}/Kbuild" | tr ' ' '\n' | sed -n 's/\.o$//p'
}

# put NAME [with-crate]: makes a copy of NAME's directory in the tree.
put() {
	mkdir -p -- "$place/$1"
	find "${directories[$1]}" -maxdepth 1 \( -name '*.rs' -o -name '*.c' -o -name '*.h' -o -name Kbuild \) ! -name user.c \
		-exec cp -t "$place/$1" -- {} +
	if [ -n "${2:-}" ]; then
		# shellcheck disable=SC2016 # make expands it
		printf '%s\n' 'lifebound-compat := $(srctree)/drivers/lifebound-compat' \
			"lifebound-objects := $1.o" 'include $(lifebound-compat)/compat.mk' >>"$place/$1/Kbuild"
	fi
}

# clear_place: takes all copies out of the tree.
clear_place() {
	find "$place" -mindepth 1 -maxdepth 1 -type d -exec rm -rf -- {} +
	rm -rf -- "$tree/drivers/lifebound-compat"
}

# compile LOG: compiles all that is there, as far as that goes.
compile() {
	scripts/build-kernel rust --make -k -Otarget drivers/lifebound/ >"$1" 2>&1 || true
}

# is_compiled NAME: true if all objects of NAME are there.
is_compiled() {
	local module
	for module in $(modules_of "$1"); do
		[ -e "$place/$1/$module.o" ] || return 1
	done
}

# refused NAME LOG: true if the compiler has refused NAME's code, and nothing else has failed.
refused() {
	grep -q "\[.*drivers/lifebound/$1/.*\.o\] Error" "$2" && grep -q "^ *--> drivers/lifebound/$1/" "$2" && grep -q '^error' "$2"
}

# silent NAME LOG: true if the compiler has nothing to say of NAME.
silent() {
	! grep -B 2 -E -- "--> drivers/lifebound/$1/|drivers/lifebound/$1/.*: warning:|objtool: .*drivers/lifebound/$1/" "$2" | grep .
}

trap 'clear_place; rm -rf -- "$work"' EXIT
clear_place
[ ! -d "$crate" ] || cp -R -- "$crate" "$tree/drivers/lifebound-compat"

for table in absent compat; do
	: >"$work/unknown"
	for name in $(listed "$table"); do
		[ -n "${directories[$name]:-}" ] || echo "$name" >>"$work/unknown"
	done
	check "tests/upstream/$table has names of samples alone" test ! -s "$work/unknown"
done

for name in "${names[@]}"; do
	put "$name"
done
compile "$work/alone"
for name in "${names[@]}"; do
	if is_compiled "$name"; then
		built[$name]=alone
	elif ! refused "$name" "$work/alone"; then
		report 1 "the compiler gets to see $name" "$work/alone"
	elif [ -d "$crate" ]; then
		put "$name" with-crate
	fi
done
compile "$work/compat"

for name in "${names[@]}"; do
	if [ -z "${built[$name]:-}" ] && is_compiled "$name"; then
		built[$name]=compat
	fi
	how=${built[$name]:-}
	if listed absent | grep -qx "$name"; then
		check "$name does not build in Linux, as tests/upstream/absent says" test -z "$how"
	elif listed compat | grep -qx "$name"; then
		[ "$how" = compat ] && status=0 || status=1
		report "$status" "$name builds in Linux with the compatibility crate, and not without it" "$work/compat"
	else
		[ "$how" = alone ] && status=0 || status=1
		report "$status" "$name builds in Linux as it is" "$work/alone"
	fi
	[ -z "$how" ] || check "... without warnings" silent "$name" "$work/$how"
	# What does not build would stop the rest.
	[ -n "$how" ] || rm -rf -- "${place:?}/$name"
done

# linked: prints the modules that are to be linked, by their names for make in the tree.
linked() {
	local name
	for name in "${!built[@]}"; do
		modules_of "$name" | sed "s|.*|drivers/lifebound/$name/&.ko|"
	done
}

mapfile -t modules < <(linked)
if [ ${#modules[@]} -gt 0 ]; then
	run_into "$work/link" scripts/build-kernel rust --make "${modules[@]}"
	report "$status" "they become modules" "$work/link"
	check "... without warnings" quiet "$work/link"
fi
for name in "${!built[@]}"; do
	mkdir -p -- "$work/linux/$name"
	cp -t "$work/linux/$name" -- "$place/$name"/*.ko || unset "built[$name]"
done
clear_place

# --- what they print ------------------------------------------------------------------------------

# printed LOG: prints what the script's part of the console has, without times. What counts
# interrupts is no two times the same. Three things are others in Linux's crate: an auxiliary driver
# has its module's name in front of its own, a parameter out of range is EINVAL and not ERANGE, and
# the kernel itself may say something of its clock. Devices are probed at the same time: the lines
# of each are in order, those of two devices are not.
printed() {
	sed -E 's/^\[ *[0-9]+\.[0-9]+\](\[ *[TC][0-9]+\])? //; /^(run-sample|boot|toolchain|fetch-kernel|build-kernel): /d
		/^(tsc|insmod): /d; s/^([a-z_]+)\.\1 /\1 /' "$1" |
		grep -vE 'clocksource: |taint|(random|rcu): |^ *[0-9]+: .*(PCI-MSI|IO-APIC)' | LC_ALL=C sort -s -k1,2 || true
}

# boot NAME WHERE MODULE: boots NAME's script with that module; leaves log and status in $work, in
# files called NAME.WHERE.
boot() {
	run_into "$work/$1.$2" scripts/run-sample "${directories[$1]}" "$3" --kernel rust </dev/null
	echo "$status" >"$work/$1.$2.status"
}

mapfile -t booted < <(printf '%s\n' "${!built[@]}" | sort)
[ ${#built[@]} -eq 0 ] ||
	builds_quietly "this tree builds the same for that kernel" "$work/here" make -j"$(nproc)" modules KERNEL=rust
for name in "${booted[@]}"; do
	[[ ${directories[$name]} != tests/* ]] || run_into "$work/here" make M="$PWD/${directories[$name]}" OUT="$out" KERNEL=rust
done
for name in "${booted[@]}"; do
	for where in Linux here; do
		[ "$(jobs -rp | wc -l)" -lt "$((2 * $(workers)))" ] || wait -n
		module=$out/$name.ko
		[ "$where" = here ] || module=$work/linux/$name/$name.ko
		boot "$name" "$where" "$module" &
	done
done
wait
for name in "${booted[@]}"; do
	report "$(cat "$work/$name.Linux.status")" "$name, built with Linux's crate, does what its script expects" "$work/$name.Linux"
	report "$(cat "$work/$name.here.status")" "$name, built with this crate, does so on that kernel" "$work/$name.here"
	printed "$work/$name.here" >"$work/here.txt"
	printed "$work/$name.Linux" >"$work/Linux.txt"
	status=0
	diff -u "$work/here.txt" "$work/Linux.txt" >"$work/$name.diff" && [ -s "$work/here.txt" ] || status=1
	report "$status" "... and both print the same" "$work/$name.diff"
done
finish
