#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# What authors of drivers are told about mistakes. Each tests/mistakes/NAME.rs is a program that
# builds, and with `--cfg=reject` (reject_2, ..) has the mistake of its first comment. NAME.text is
# what the author reads then, with the paths and lines of the crate left out. Some mistakes cannot
# stand beside what is right: `//@ no twin`; those that are no Rust at all are in NAME.rs_.
#
# `make mistakes` writes the texts to build/<release>/mistakes. When a message has changed on
# purpose, copy it from there. Documentation/messages.md has a row for each.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh
release=$(cat "$(scripts/toolchain --default-kdir)/include/config/kernel.release")
told=$PWD/build/$release/mistakes
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# A message of the compiler is no promise; what is added to it is, and where it points.
run_into "$work/log" make mistakes
report "$status" "the programs are compiled" "$work/log"
for file in tests/mistakes/*.rs*; do
	name=$(basename "${file%.rs*}")
	run_into "$work/diff" diff -u "tests/mistakes/$name.text" "$told/$name.text"
	report "$status" "told of $name" "$work/diff"
	check "... and it is in the table" grep -q "(\.\./tests/mistakes/$name\.text)" Documentation/messages.md
done

# Mistakes in a Kbuild.
mkdir "$work/driver"
cp samples/minimal/minimal.rs "$work/driver/"
# kbuild WHAT STATUS TEXT LINE: what is said about a Kbuild with this line.
kbuild() {
	echo "$4" >"$work/driver/Kbuild"
	run_into "$work/log" make M="$work/driver"
	says "$1" "$2" "$work/log" "$3"
}
kbuild "a name that no file has" 2 "names minimul.o, and there is no minimul.rs, minimul.c or minimul.S; there is minimal.rs" \
	'obj-m := minimul.o'
kbuild "obj-y" 2 "no module was built: obj-y is for what is linked into the kernel" 'obj-y := minimal.o'
kbuild "a condition that is not met" 0 "no module was built: with this kernel's configuration" \
	'obj-$(CONFIG_NOT_THERE) := minimal.o'
# Names: that of `module!`, and that of the object.
cp "$work/driver/minimal.rs" "$work/driver/lightest.rs"
kbuild "another name than the object's" 0 \
	'^warning: messages and drivers are called `minimal`, but .* call this module `lightest`.*write `name: "lightest"`, or `obj-m := minimal.o`' \
	'obj-m := lightest.o'
check "... where it stands" grep -qE '^ +--> .*/driver/lightest\.rs:[0-9]+:[0-9]+$' "$work/log"
echo 'int lightest_part; // SPDX-License-Identifier: GPL-2.0' >"$work/driver/part.c"
kbuild "the name of one of a module's objects" 0 'called `minimal`, but .* call this module `blinker`' \
	$'obj-m := blinker.o\nblinker-y := lightest.o part.o'
kbuild "that of a module of several objects" 0 'MODULE .*minimal.ko' $'obj-m := minimal.o\nminimal-objs := lightest.o part.o'
check "... is right" quiet "$work/log"
make clean M="$work/driver" >/dev/null

# Mistakes in a handler, which work until somebody else wants the lock. The debug kernel sees them.
need_kernel debug
run_into "$work/log" make M="$PWD/tests/handler_mistakes" OUT="$work/out" KERNEL=debug
report "$status" "a driver whose handler locks wrong locks builds" "$work/log"
# handled WHAT MUTEX REGEX...: what is said when the driver runs with this parameter.
handled() {
	local what=$1 mutex=$2
	shift 2
	# shellcheck disable=SC2016 # for the guest
	run_into "$work/log" scripts/boot --kernel debug --device edu --module "$work/out/handler_mistakes.ko" -- \
		sh -c 'insmod $MODULES/handler_mistakes.ko mutex='"$mutex"
	says "$what" 70 "$work/log" "$@"
}
handled "a mutex in a handler, which is free" y \
	'BUG: sleeping function called from invalid context at kernel/locking/mutex.c' \
	'= to do: nothing may sleep in an interrupt handler, .* keep what a handler shares in a SpinLockIrq' \
	' at .*handler_mistakes\.rs:[0-9]+$'
handled "a spin lock that a thread takes with interrupts on" n 'WARNING: inconsistent lock state' \
	'= to do: a handler takes this lock, .* make it a SpinLockIrq \(new_spinlock_irq!\)' \
	'\(spinning\)\{' ' at .*handler_mistakes\.rs:[0-9]+$'
finish
