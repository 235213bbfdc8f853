#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Where a driver lies and where its modules go: names with unusual letters, parts beside the
# directory, trees that cannot be written, OUT and BUILD, symbols of other modules. For what is
# refused see tests/scripts/makefile.sh.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh

kdir=$(scripts/toolchain --default-kdir)
release=$(cat "$kdir/include/config/kernel.release")
work=$(mktemp -d)
cleaned=()
# What is built of a directory that is gone is of no use.
leave() {
	local directory
	for directory in "${cleaned[@]}"; do
		make clean M="$directory" >/dev/null 2>&1 || true
	done
	chmod -R u+w "$work"
	rm -rf -- "$work"
}
trap leave EXIT

# listed DIRECTORY: all names in it.
listed() {
	(cd "$1" && find . | LC_ALL=C sort)
}

# As with Kbuild alone: tests/outside/beside has an included .mk, C parts, headers and a `#[path]`
# above the directory, a directory called build, a linked directory, a header that is generated. The
# names have what is not refused.
odd="$work/~a+b@c,d-é"
mkdir "$odd"
cp -a tests/outside/beside "$odd/"
ln -s ../shared "$odd/beside/drv/shared"
ln -s . "$odd/beside/drv/loop"
ln -s .. "$odd/beside/drv/up"
ln -s "$kdir" "$odd/beside/drv/linux"
listed "$odd" >"$work/before"
cleaned+=("$odd/beside/drv")
builds_quietly "a driver with parts beside its directory" "$work/log" make M="$odd/beside/drv"
listed "$odd" >"$work/after"
check "... leaves its modules and their symbols, and nothing else" \
	test "$(comm -13 "$work/before" "$work/after" | tr '\n' ' ')" = './beside/drv/Module.symvers ./beside/drv/drv.ko ./beside/drv/inner.ko '
run_into "$work/log" make M="$odd/beside/drv"
check "... and is not built twice" sh -c "! grep -E 'RUSTC|CC |LD ' '$work/log'"
echo '#define SHARED_ANSWER 2' >"$odd/beside/include/shared.h"
touch -d 2001-01-01 "$odd/beside/include/shared.h"
run_into "$work/log" make M="$odd/beside/drv"
says "... but where a header beside it is another" 0 "$work/log" 'CC.*drv_part' 'CC.*deep' 'CC.*part.o' 'CC.*inner'
check "... which nothing of Rust includes" sh -c "! grep -q RUSTC '$work/log'"
echo 50 >"$odd/beside/answer"
touch -d 2001-01-01 "$odd/beside/answer"
run_into "$work/log" make M="$odd/beside/drv/"
says "... or a file that its own rule reads" 0 "$work/log" 'GENERATED_ANSWER' 'CC.*drv_part'
run_into "$work/log" make M="$odd/beside/drv"
check "... once" sh -c "! grep -E 'GENERATED|RUSTC|CC |LD ' '$work/log'"
sed -i 's/SHARED_ANSWER;/WRONG;/' "$odd/beside/common/part.c"
run_into "$work/log" make M="$odd/beside/drv"
says "... an error is shown with the author's own path" 2 "$work/log" '/beside/drv/../common/part.c:7:'
make M="$odd/beside/drv" clean >/dev/null
listed "$odd" >"$work/after"
check "... and clean takes all away" cmp "$work/before" "$work/after"

# Symbols. The module that is used is the one above, of C alone.
mkdir "$work/use"
cp -a tests/outside/beside/drv/build "$work/export"
sed -i 's|^ccflags.*|ccflags-y := -DSHARED_ANSWER=1|' "$work/export/Kbuild"
sed -i '/shared.h/d' "$work/export/inner.c"
echo 'obj-m := use.o' >"$work/use/Kbuild"
sed 's/inner_answer(void)$/use_answer(void)/; s/return .*/return inner_answer();/; /EXPORT/d' "$work/export/inner.c" >"$work/use/use.c"
sed -i 's/^int use_answer/int use_answer(void);\n&/; s/^module_init/&/' "$work/use/use.c"
cleaned+=("$work/export" "$work/use")
run_into "$work/log" make M="$work/export"
report "$status" "a module that exports a symbol" "$work/log"
check "... with Module.symvers beside it, as if it were built there" \
	grep -q "	inner_answer	$work/export/inner	EXPORT_SYMBOL_GPL" "$work/export/Module.symvers"
run_into "$work/log" make M="$work/use"
says "one that uses it is refused without" 2 "$work/log" 'inner_answer.* undefined'
builds_quietly "KBUILD_EXTRA_SYMBOLS" "$work/log" make M="$work/use" KBUILD_EXTRA_SYMBOLS="$work/export/Module.symvers"
check "... is obeyed" sh -c "modinfo -F depends '$work/use/use.ko' | grep -qx inner"
sed -i 's/inner_answer/another/' "$work/export/Module.symvers"
touch -d 2001-01-01 "$work/export/Module.symvers"
run_into "$work/log" make M="$work/use" KBUILD_EXTRA_SYMBOLS="$work/export/Module.symvers"
says "... and read again when it is another" 2 "$work/log" 'inner_answer.* undefined'

# OUT, with sources that cannot be written.
chmod -R a-w "$work/export"
cleaned+=("$work/export")
run_into "$work/log" make M="$work/export" OUT="$work/new/out"
report "$status" "OUT=" "$work/log"
check "... receives module and symbols" sh -c "[ \"\$(ls -A '$work/new/out' | tr '\n' ' ')\" = 'Module.symvers inner.ko ' ]"
: >"$work/file"
run_into "$work/log" make M="$work/export" OUT="$work/file"
says "an OUT that cannot be written" 2 "$work/log" "'$work/file' cannot be written, so the modules are only in" 'make OUT='

# BUILD, with a tree whose build/ cannot be made. The crates would take a minute: what is built of C
# shows where it goes.
copy=$work/copy
mkdir "$copy"
git ls-files -co --exclude-standard -z | xargs -0 cp --parents -t "$copy"
: >"$copy/build"
listed "$copy" >"$work/before"
run_into "$work/log" make -C "$copy" crates
says "a tree that cannot be written" 2 "$work/log" "'$copy/build/.* cannot be written" 'make BUILD=<directory>'
run_into "$work/log" scripts/clean-env "$copy/scripts/build" "$kdir" "$work/root" -- "$work/root/$release/helpers/libhelpers.a"
report "$status" "with a directory to build in" "$work/log"
run_into "$work/log" make -C "$copy" BUILD="$work/root" help
says "... which BUILD= names" 0 "$work/log" "now: $work/root"
listed "$copy" >"$work/after"
check "... nothing is written into the tree" cmp "$work/before" "$work/after"
check "... and all of it there" ls "$work/root/$release/.lock" "$work/root/$release/toolchain.mk" "$work/root/$release/flags.mk"
mkdir "$work/root/mine"
run_into "$work/log" make -C "$copy" BUILD="$work/root" clean
check "... clean with BUILD takes away what was built, and nothing else" test "$(ls -A "$work/root")" = mine
finish
