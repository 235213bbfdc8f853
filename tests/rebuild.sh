#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# What is built again: what was made of other files than those that are there, with whatever times.
# scripts/inputs, which decides it, has a test of its own; tests/build.sh changes the crate.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh

kdir=$(scripts/toolchain --default-kdir)
release=$(cat "$kdir/include/config/kernel.release")
work=$(mktemp -d)
leave() {
	make clean M="$work/current" >/dev/null 2>&1 || true
	rm -rf -- "$work"
}
trap leave EXIT

# version NAME: a directory with a module that says it, of Rust and C.
version() {
	cp -r tests/outside/composite "$work/$1"
	sed -i "s/the C part says/$1, the C part says/" "$work/$1/mixed_main.rs"
	echo "/* Of $1. */" >>"$work/$1/mixed_part.c"
}

# says_version NAME: the module that was built is of these sources.
says_version() {
	grep -aq "$1, the C part says" "$work/current/mixed.ko"
}

version v1
sleep 0.02
version v2
ln -s v2 "$work/current"
run_into "$work/log" make M="$work/current"
check "the sources that are there" says_version v2
ln -sfn v1 "$work/current"
run_into "$work/log" make M="$work/current"
report "$status" "older ones, through another link" "$work/log"
check "... give another module" says_version v1
says "... of all languages" 0 "$work/log" 'RUSTC.*mixed_main' 'CC.*mixed_part'

rm "$work/current"
cp -a "$work/v2" "$work/current"
run_into "$work/log" make M="$work/current"
check "another directory at the same place" says_version v2
cp -a "$work/v1/mixed_main.rs" "$work/current/"
run_into "$work/log" make M="$work/current"
says "one file that is older" 0 "$work/log" 'RUSTC.*mixed_main'
check "... alone" sh -c "! grep 'CC.*mixed_part' '$work/log'"
check "... is in the module" says_version v1
rm "$work/current/mixed_part.c"
run_into "$work/log" make M="$work/current"
says "a file that is gone is missed" 2 "$work/log" 'mixed_part.o'

# Clippy: two directories with files of one name, the second of which has a lint and is older than
# the first's run.
mkdir "$work/second"
printf 'obj-m := one.o\n' >"$work/second/Kbuild"
sed 's/^impl/#[allow(dead_code)]\nfn lint(x: u32) -> u32 {\n    return x;\n}\n\nimpl/' tests/outside/several/one.rs >"$work/second/one.rs"
mkdir "$work/first"
cp "$work/second/Kbuild" tests/outside/several/one.rs "$work/first/"
run_into "$work/log" make clippy M="$work/first"
report "$status" "clippy for a driver" "$work/log"
run_into "$work/log" make clippy M="$work/second"
says "... and for another" 2 "$work/log" 'needless.return' "--> $work/second/one.rs"
check "... leaves no modules there" test "$(ls "$work/second")" = "$(printf 'Kbuild\none.rs')"

# Headers that are replaced in place, with older times, as dpkg does. bindings.rs shows that they
# are read.
cp -r "$kdir" "$work/kdir"
for link in scripts tools; do
	[ ! -L "$kdir/$link" ] || ln -sfn "$(readlink -f "$kdir/$link")" "$work/kdir/$link"
done
bindings=$work/root/$release/generated/bindings.rs
bound() {
	run_into "$work/log" scripts/clean-env scripts/build "$work/kdir" "$work/root" "$@" -- "$bindings"
	report "$status" "bindings, $name" "$work/log"
}
name="once" bound
grep -q 'fn usb_bulk_msg' "$bindings" || report 1 "there is USB in the stock kernel"
# Not far from the sources, as what is newer is made again anyhow.
touch "$bindings" "$work/root/$release"/{flags.mk,toolchain.mk}
name="and again" bound
check "... which are not made twice" sh -c "! grep BUILD '$work/log'"
sed -i '/CONFIG_USB/d' "$work"/kdir/include/{config/auto.conf,generated/autoconf.h}
touch -d 2001-01-01 "$work"/kdir/include/{config/auto.conf,generated/autoconf.h}
name="of another configuration" bound
says "... which are made anew" 0 "$work/log" 'BUILD.*bindings'
sed -i 's/^#define NR_PAGEFLAGS .*/#define NR_PAGEFLAGS 5/' "$work/kdir/include/generated/bounds.h"
touch -d 2001-01-01 "$work/kdir/include/generated/bounds.h"
touch "$work/root/$release/flags.mk" -r "$work/root/$release/flags.mk.d"
name="of another header" bound
says "... which are made anew" 0 "$work/log" 'BUILD.*bindings'
check "... and nothing else" sh -c "! grep CHOSE '$work/log'"

# A compiler that is replaced at its place, by one with older times.
flags=$work/root/$release/flags.mk
real=$(sed -n 's/^CC := //p' "$work/root/$release/toolchain.mk")
compiler() {
	printf '#!/bin/sh\n# %s\nexec %s "$@"\n' "$1" "$real" >"$work/cc"
	chmod +x "$work/cc"
	touch -d 2001-01-01 "$work/cc"
	run_into "$work/log" scripts/clean-env scripts/build "$work/kdir" "$work/root" CC="$work/cc" -- "$flags"
	report "$status" "$2" "$work/log"
}
compiler one "a compiler that the command line names"
check "... is Kbuild's" grep -q "^LB_CC := *$work/cc$" "$flags"
mkdir "$work/root/$release/ext"
compiler two "another one at its place"
check "... leaves nothing that the first has made" test ! -e "$work/root/$release/ext"
finish
