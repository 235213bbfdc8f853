#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# scripts/build-kernel, with a stand-in for the kernel's source that "builds" in no time.

set -euo pipefail
here=$(dirname -- "$(readlink -f -- "$0")")
# shellcheck source=tests/scripts/tap.sh
. "$here/tap.sh"

for command in gcc make ld flex bison bc patch perl depmod; do
	command -v "$command" >/dev/null || skip_all "no '$command' on this machine: scripts/install-deps --kernel-build"
done
echo '#include <gelf.h>' | gcc -E -x c - >/dev/null 2>&1 ||
	skip_all "no <gelf.h> on this machine: scripts/install-deps --kernel-build"

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
out=$scratch/out world=$scratch/world src=$scratch/src cache=$scratch/cache

# new_world: a copy of the script with patches and fragments of its own, and a source tree.
new_world() {
	rm -rf -- "$world" "$src" "$cache"
	mkdir -p -- "$world/scripts" "$world/drivers/base/6.12" "$world/drivers/base/config" \
		"$src/drivers/base" "$src/scripts/kconfig"
	cp -- "$here"/../../scripts/{build-kernel,lib.sh} "$world/scripts/"
	printf '%s\n' '--- a/drivers/base/dd.c' '+++ b/drivers/base/dd.c' '@@ -1 +1,2 @@' ' first' '+patched' \
		>"$world/drivers/base/6.12/0001-x.patch"
	echo first >"$src/drivers/base/dd.c"
	printf 'CONFIG_A=y\nCONFIG_B="-b"\n# CONFIG_C is not set\n' >"$world/drivers/base/config/base.config"
	echo 'CONFIG_B="-debug"' >"$world/drivers/base/config/debug.config"
	# The kernel's script for this keeps the last value of each symbol.
	cat >"$src/scripts/kconfig/merge_config.sh" <<'EOF'
#!/bin/sh
shift 2
cat "$@" | awk -F= '/^CONFIG/ { v[$1] = $0 } END { for (n in v) print v[n] }' >.config
EOF
	chmod +x -- "$src/scripts/kconfig/merge_config.sh"
	cat >"$src/Makefile" <<'EOF'
VERSION = 6
PATCHLEVEL = 12
release := 6.12.1$(shell sed -n 's/CONFIG_B="\(.*\)"/\1/p' .config)
mrproper:
allnoconfig:
	sed $(DROP) $(KCONFIG_ALLCONFIG) >.config
vmlinux:
	@echo run >>$(COUNT)
	grep -q patched drivers/base/dd.c
	@paste -s -d ' ' drivers/base/dd.c >>$(COUNT).patched
	@test ! -e fail || { echo 'x.c:1: error: broken'; exit 1; }
	cp /bin/true vmlinux
	mkdir -p include/config && echo $(release) >include/config/kernel.release && echo >System.map
modules:
modules_install:
	mkdir -p $(INSTALL_MOD_PATH)/lib/modules/$(release) && ln -s . $(INSTALL_MOD_PATH)/lib/modules/$(release)/build
run-command:
	mkdir -p $(lastword $(KBUILD_RUN_COMMAND))
EOF
	sed -i "1i COUNT := $scratch/count\nDROP := -e ''" "$src/Makefile"
	: >"$scratch/count"
}

# build ARGUMENT...: runs the script on the source tree.
build() {
	run_into "$out" env LIFEBOUND_CACHE="$cache" KERNEL_SRC="$source" "$world/scripts/build-kernel" "$@"
}
source=$src

# left: what a failed build has left in the cache, its log aside.
left() {
	find "$cache/built" -mindepth 1 ! -name '*.log' | head -n 3
}

new_world
build
says "a build prints image and modules" 0 "$out" "^$cache/built/patched-[0-9a-f]*/vmlinux$" \
	"^$cache/built/patched-[0-9a-f]*/lib/modules/6\.12\.1-b$"
check "the image is there" test -x "$(echo "$cache"/built/patched-*/vmlinux)"
check "no source is kept" test ! -e "$(echo "$cache"/built/patched-*)/tree"
check "the modules do not point at the source" test ! -e "$(echo "$cache"/built/patched-*/lib/modules/*)/build"
check "the source tree is as it was" test "$(cat "$src/drivers/base/dd.c")" = first
build --kdir
says "--kdir prints the headers" 0 "$out" "^$cache/built/patched-[0-9a-f]*/headers$"
check "from the cache, and nothing else" test "$(wc -l <"$out")$(wc -l <"$scratch/count")" = 11
build --debug
says "a fragment overrides the one before it" 0 "$out" "lib/modules/6\.12\.1-debug$"
build debug --kdir
says "the name does the same as the option" 0 "$out" "^$cache/built/debug-[0-9a-f]*/headers$"

echo x >"$src/another"
(build && cp -- "$out" "$scratch/first") &
first=$!
out=$scratch/out2
build
wait "$first"
check "another source is another kernel" test "$(wc -l <"$scratch/count")" = 3
check "two runs at a time build once and give the same" \
	test "$(grep '^/' "$scratch/first")" = "$(grep '^/' "$out")"
# shellcheck disable=SC2012 # the names are plain
check "both results are kept" test "$(ls -d "$cache"/built/patched-* | wc -l)" = 2
mkdir "$world/drivers/base/6.12/debug"
printf '%s\n' '--- a/drivers/base/dd.c' '+++ b/drivers/base/dd.c' '@@ -1,2 +1,3 @@' ' first' ' patched' '+again' \
	>"$world/drivers/base/6.12/debug/0001-y.patch"
build
check "a patch for another kernel is not applied" test "$(wc -l <"$scratch/count")" = 3
build debug
check "one for this kernel is" grep -qx 'first patched again' "$scratch/count.patched"
echo 'CONFIG_D=y' >>"$world/drivers/base/config/base.config"
build
check "another configuration is another kernel" test "$(wc -l <"$scratch/count")" = 5

new_world
sed -i "s/^DROP := .*/DROP := -e s,CONFIG_A=y,CONFIG_C=y,/" "$src/Makefile"
build
says "a line that is not in force is named" 1 "$out" '^ *CONFIG_A=y: is ""$' '^ *CONFIG_C off: is "CONFIG_C=y"$'
check "nothing is compiled then" test ! -s "$scratch/count"
check "and nothing is left" test -z "$(left)"

new_world
echo changed >"$src/drivers/base/dd.c"
build
says "a patch that does not apply" 1 "$out" 'FAILED' "'patches of drivers/base/6\.12' failed" "$cache/built/patched\.log"
check "leaves nothing" test -z "$(left)"

new_world
: >"$src/fail"
build
says "a failed compilation is shown" 1 "$out" 'x\.c:1: error: broken' "'kernel and modules' failed"
check "and leaves nothing" test -z "$(left)"

sed -i 's/^PATCHLEVEL.*/PATCHLEVEL = 13/' "$src/Makefile"
build
says "a series without a patch" 1 "$out" 'no patch for Linux 6\.13; there are some for: 6\.12'
source=$scratch/none
build
says "KERNEL_SRC that is no source" 1 "$out" "KERNEL_SRC '$scratch/none' is no kernel source tree"
build --other
says "an unknown argument" 2 "$out" "unknown argument '--other'"
finish
