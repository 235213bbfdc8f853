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
		"$src/drivers/base" "$src/scripts/kconfig" "$src/Documentation/devicetree/bindings"
	# The kernel's own mrproper goes there.
	echo 'clean:' >"$src/Documentation/devicetree/bindings/Makefile"
	cp -- "$here"/../../scripts/{build-kernel,lib.sh} "$world/scripts/"
	# What stands in for the compilers of Rust code.
	printf '#!/bin/sh\nprintf "/bin/true\n/bin/true\n"\n' >"$world/scripts/toolchain"
	printf '#!/bin/sh\necho /a/libclang\n' >"$world/scripts/fetch-kernel"
	chmod +x -- "$world"/scripts/{toolchain,fetch-kernel}
	printf '%s\n' '--- a/drivers/base/dd.c' '+++ b/drivers/base/dd.c' '@@ -1 +1,2 @@' ' first' '+patched' \
		>"$world/drivers/base/6.12/0001-x.patch"
	echo first >"$src/drivers/base/dd.c"
	printf 'CONFIG_A=y\nCONFIG_B="-b"\n# CONFIG_C is not set\n' >"$world/drivers/base/config/base.config"
	echo 'CONFIG_B="-debug"' >"$world/drivers/base/config/debug.config"
	# The kernel's script for this keeps the last value of each symbol.
	cat >"$src/scripts/kconfig/merge_config.sh" <<'EOF'
#!/bin/sh
shift 2
cat "$@" | awk -F'[= ]' '/^CONFIG/ { v[$1] = $0 } /^# CONFIG.* is not set$/ { v[$2] = $0 } END { for (n in v) print v[n] }' >.config
EOF
	chmod +x -- "$src/scripts/kconfig/merge_config.sh"
	cat >"$src/Makefile" <<'EOF'
VERSION = 6
PATCHLEVEL = 12
release := 6.12.1$(shell sed -n 's/CONFIG_B="\(.*\)"/\1/p' .config)
mrproper:
	@$(MAKE) -C Documentation/devicetree/bindings clean
allnoconfig:
	sed $(DROP) $(KCONFIG_ALLCONFIG) >.config
vmlinux:
	@echo run >>$(COUNT)
	@env >$(COUNT).environment
	@echo $(RUSTC) >$(COUNT).rustc
	@paste -s -d ' ' drivers/base/dd.c >>$(COUNT).patched
	@test ! -e fail || { echo 'x.c:1: error: broken'; exit 1; }
	cp /bin/true vmlinux
	mkdir -p include/config && echo $(release) >include/config/kernel.release && echo >System.map
modules:
rustavailable there:
	@echo $@ in $$(basename $$PWD)
	@test ! -e no-rust || { echo '*** no Rust'; exit 1; }
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
check "without Rust code in it" test "$(cat "$scratch/count.rustc")" = false
mkdir "$world/drivers/base/debug"
printf '%s\n' '--- a/drivers/base/dd.c' '+++ b/drivers/base/dd.c' '@@ -1,2 +1,3 @@' ' first' ' patched' '+again' \
	>"$world/drivers/base/debug/0001-y.patch"
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
build plain-6.13
says "a series without the hook is not built as it is" 1 "$out" "Linux 6\\.13 is Debian's own"
build rust
says "a series whose Rust code is too old" 1 "$out" 'the Rust code of Linux 6\.13 is older'

new_world
sed -i 's/^VERSION.*/VERSION = 7/; s/^PATCHLEVEL.*/PATCHLEVEL = 3/; s/6\.12\.1/7.3.1/' "$src/Makefile"
echo 'obj-y += base/' >"$src/drivers/Makefile"
printf '# CONFIG_A is not set\n' >"$world/drivers/base/config/7.config"
printf 'CONFIG_B="-rust"\n' >"$world/drivers/base/config/rust.config"
build
says "a series that has the hook takes no patch" 1 "$out" 'Linux 7\.3 needs no patch: that kernel is called plain-7\.3'
build plain-6.12
says "the source must be of the series that was asked for" 1 "$out" 'is Linux 7\.3, not 6\.12'
build plain-7.3
says "a later series" 0 "$out" "^$cache/built/plain-7\.3-[0-9a-f]*/lib/modules/7\.3\.1-b$"
check "is built as it is" grep -qx first "$scratch/count.patched"
mkdir "$world/drivers/base/debug"
printf '%s\n' '--- a/drivers/base/dd.c' '+++ b/drivers/base/dd.c' '@@ -1 +1,2 @@' ' first' '+again' \
	>"$world/drivers/base/debug/0001-y.patch"
build debug-7.3 --kdir
says "or with the patches of a name" 0 "$out" "^$cache/built/debug-7\.3-[0-9a-f]*/headers$"
check "and with no others" test "$(tail -n 1 "$scratch/count.patched")" = 'first again'
build rust --tree
says "one with Rust code keeps its tree" 0 "$out" "^$cache/trees/rust-7\.3-[0-9a-f]*$"
tree=$(tail -n 1 "$out")
check "with a place for modules" grep -qx 'obj-m += lifebound/' "$tree/drivers/Makefile"
check "which is no part of the source" test ! -e "$src/drivers/lifebound"
check "the compilers are named to make" test "$(cat "$scratch/count.rustc")" = /bin/true
build rust --make there
says "make runs in the tree" 0 "$out" "^there in ${tree##*/}$"
check "and nothing was built again for that" test "$(wc -l <"$scratch/count")" = 3
rm -r -- "$tree"
build rust --tree
check "a tree that was removed is made again" test -e "$tree/vmlinux"
build plain-7.3 --tree
says "of other kernels no tree is kept" 2 "$out" "for the kernel 'rust'"
: >"$src/no-rust"
build rust
says "compilers that the kernel does not take are named" 1 "$out" 'no Rust' "'the compilers for Rust code' failed"
check "and no tree is left" test ! -e "$(echo "$cache"/trees/rust-7.3-*[0-9a-f]/no-rust)"
source=$scratch/none
build
says "KERNEL_SRC that is no source" 1 "$out" "KERNEL_SRC '$scratch/none' is no kernel source tree"
build --other
says "an unknown argument" 2 "$out" "unknown argument '--other'"
finish
