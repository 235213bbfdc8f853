#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# scripts/toolchain names whatever is missing. Each test makes a small world of fake tools in which
# a build could work, breaks one thing in it, and looks for the message about that thing.

set -euo pipefail
here=$(dirname -- "$(readlink -f -- "$0")")
# shellcheck source=tests/scripts/tap.sh
. "$here/tap.sh"
toolchain=$here/../../scripts/toolchain

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
world=$scratch/world bin=$scratch/world/bin kdir=$scratch/world/kdir out=$scratch/out

# shellcheck disable=SC2016 # it is the text of a script
working_bindgen='case $1 in --version) echo "bindgen 0.72.1" ;; *) cat "$1" ;; esac'

# fake PATH TEXT: writes an executable shell script.
fake() {
	mkdir -p -- "$(dirname -- "$1")"
	printf '#!/bin/sh\n%s\n' "$2" >"$1"
	chmod +x -- "$1"
}

# fake_rustc DIRECTORY VERSION [HOST]: makes a compiler with its cargo and its own sysroot, without
# source.
fake_rustc() {
	local name
	fake "$1/bin/rustc" "case \$1 in
-vV) printf 'rustc $2\nhost: ${3:-x86_64-unknown-linux-gnu}\nrelease: $2\n' ;;
--print) echo '$1' ;;
esac"
	fake "$1/bin/cargo" "echo 'cargo $2 (0123456 2026-01-01)'"
	for name in rustdoc rustfmt clippy-driver; do
		fake "$1/bin/$name" :
	done
}

# give_source DIRECTORY: puts the source of `core` where the compiler in DIRECTORY has it.
give_source() {
	mkdir -p -- "$1/lib/rustlib/src/rust/library/core/src"
	: >"$1/lib/rustlib/src/rust/library/core/src/lib.rs"
}

fake_kdir() {
	local file
	for file in include/generated/autoconf.h scripts/mod/modpost Module.symvers .config; do
		mkdir -p -- "$(dirname -- "$1/$file")"
		: >"$1/$file"
	done
	mkdir -p -- "$1/include/config"
	printf 'CONFIG_X86_64=y\nCONFIG_MODULES=y\nCONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=120200\n' \
		>"$1/include/config/auto.conf"
	echo "$2" >"$1/include/config/kernel.release"
}

# new_world: everything that a build needs. Made once, then copied.
new_world() {
	rm -rf -- "$world"
	if [ ! -d "$scratch/pristine" ]; then
		make_world
		mv -- "$world" "$scratch/pristine"
	fi
	cp -a -- "$scratch/pristine" "$world"
}

make_world() {
	local tool
	mkdir -p -- "$bin"
	for tool in awk bash cat chmod cmp cut dirname env find grep head mktemp mv readlink rm sed sort \
		tail uname; do
		ln -s "$(type -P "$tool")" "$bin/$tool"
	done
	fake_rustc "$world/usr" 1.96.0
	give_source "$world/usr"
	fake "$bin/bindgen" "$working_bindgen"
	fake "$bin/gcc-12" :
	fake "$bin/ld" :
	fake_kdir "$kdir" 6.12.50-test
}

# probe ARGUMENT...: runs the script in the world, and nothing outside of it.
probe() {
	run_into "$out" env -i PATH="$bin" LIFEBOUND_SRC_ROOT="$world" LIFEBOUND_CACHE="$world/cache" \
		"${variables[@]}" "$toolchain" "$@"
}
variables=()

test_success() {
	new_world
	probe --kdir "$kdir"
	says "a complete world gives every variable" 0 "$out" "^RUSTC := $world/usr/bin/rustc$" \
		"^CARGO := $world/usr/bin/cargo$" "^RUSTDOC := ." "^RUSTFMT := ." "^CLIPPY_DRIVER := ." \
		"^RUST_SRC := $world/usr/lib/rustlib/src/rust/library$" "^BINDGEN := $bin/bindgen$" \
		"^CC := $bin/gcc-12$" "^LD := $bin/ld$" '^RUSTC_VERSION_NUMBER := 109600$' \
		'^KERNELRELEASE := 6.12.50-test$'
	check "and leaves LIBCLANG_PATH alone if bindgen finds it" test "$(grep -c LIBCLANG "$out")" = 0

	probe --kdir "$kdir" --out "$world/made"
	touch -c -d @1000 "$world/made"
	probe --kdir "$kdir" --out "$world/made"
	check "--out leaves an unchanged file untouched" test "$(stat -c %Y "$world/made")" = 1000
	fake_kdir "$kdir" 6.12.51-test
	probe --kdir "$kdir" --out "$world/made"
	check "--out replaces a file that is out of date" grep -q 6.12.51-test "$world/made"

	# A proxy on PATH that stands for the real compiler in its sysroot.
	fake "$bin/rustc" "exec $world/usr/bin/rustc \"\$@\""
	probe --kdir "$kdir"
	says "a proxy is resolved to the compiler it stands for" 0 "$out" "^RUSTC := $world/usr/bin/rustc$"
}

test_rustc() {
	new_world
	rm -- "$world/usr/bin/rustc"
	probe --kdir "$kdir"
	says "no rustc" 1 "$out" 'toolchain: no rustc: it is neither in PATH' 'scripts/install-deps'

	new_world
	fake_rustc "$world/other" 1.97.0
	ln -s "$world/other/bin/rustc" "$bin/rustc"
	probe --kdir "$kdir"
	says "a rustc without the source of core is passed over with a note" 0 "$out" \
		"note: passed over $bin/rustc: there is no source of 'core'" "^RUSTC := $world/usr/bin/rustc$"

	rm -r -- "$world/usr/lib/rustlib"
	probe --kdir "$kdir"
	says "no rustc with the source of core" 1 "$out" 'no usable rustc' 'rust-src' \
		"passed over $world/usr/bin/rustc: there is no source of 'core'"

	new_world
	fake_rustc "$world/usr" 1.95.9
	probe --kdir "$kdir"
	says "rustc too old" 1 "$out" 'its version 1\.95\.9 is older than 1\.96\.0' 'no usable rustc'

	new_world
	fake_rustc "$world/usr" 1.96.0 aarch64-unknown-linux-gnu
	probe --kdir "$kdir"
	says "rustc for another host" 1 "$out" "host 'aarch64-unknown-linux-gnu'"

	new_world
	mkdir -p -- "$world/src"
	mv -- "$world/usr/lib/rustlib/src/rust" "$world/src/rustc-1.95.0"
	ln -s "$world/src/rustc-1.95.0" "$world/usr/lib/rustlib/src/rust"
	probe --kdir "$kdir"
	says "source of core of another release" 1 "$out" "source of 'core' with it is of 1\.95\.0, not of 1\.96\.0"

	new_world
	fake_rustc "$world/other" 1.90.0
	variables=(RUSTC="$world/other/bin/rustc")
	probe --kdir "$kdir"
	says "a RUSTC that does not fit is an error" 1 "$out" "RUSTC is set to '.*', but its version 1\.90\.0"
	variables=()

	new_world
	fake "$world/usr/bin/cargo" 'echo "cargo 1.95.0 (0 2026-01-01)"'
	probe --kdir "$kdir"
	says "cargo of another release" 1 "$out" "cargo is of version '1\.95\.0', but .* is 1\.96\.0"
	rm -- "$world/usr/bin/cargo"
	probe --kdir "$kdir"
	says "no cargo" 1 "$out" 'no cargo next to'
}

test_bindgen_and_c() {
	new_world
	rm -- "$bin/bindgen"
	probe --kdir "$kdir"
	says "no bindgen" 1 "$out" 'no bindgen of 0\.71\.0 or later$' 'cargo install bindgen-cli'

	fake "$bin/bindgen" 'echo "bindgen 0.60.1"'
	probe --kdir "$kdir"
	says "bindgen too old" 1 "$out" "no bindgen of 0\.71\.0 or later: $bin/bindgen is 0\.60\.1"

	fake "$world/cache/tools/bin/bindgen" "$working_bindgen"
	probe --kdir "$kdir"
	says "the bindgen in the cache is found behind an old one" 0 "$out" "^BINDGEN := $world/cache/tools"

	new_world
	fake "$bin/bindgen" "case \$1 in --version) echo 'bindgen 0.72.1'; exit ;; esac
[ \"\$LIBCLANG_PATH\" = '$world/usr/lib/llvm-19/lib' ] && cat \"\$1\" && exit
echo 'Unable to find libclang' >&2; exit 101"
	probe --kdir "$kdir"
	says "no libclang" 1 "$out" 'cannot load libclang: Unable to find libclang' 'LIBCLANG_PATH'

	mkdir -p -- "$world/usr/lib/llvm-19/lib" "$world/usr/lib/llvm-3/lib"
	: >"$world/usr/lib/llvm-19/lib/libclang.so.1"
	: >"$world/usr/lib/llvm-3/lib/libclang.so.1"
	probe --kdir "$kdir"
	says "libclang in a directory that bindgen does not search" 0 "$out" \
		"^export LIBCLANG_PATH := $world/usr/lib/llvm-19/lib$"

	new_world
	rm -- "$bin/gcc-12"
	probe --kdir "$kdir"
	says "no C compiler" 1 "$out" 'C compiler that 6\.12\.50-test was built with is missing: x86_64-linux-gnu-gcc-12$' \
		'None is called: x86_64-linux-gnu-gcc-12 gcc-12 gcc$' 'package is called gcc-12,'
	echo 'CONFIG_CC_VERSION_TEXT="gcc (Debian 12.2.0-14) 12.2.0"' >>"$kdir/include/config/auto.conf"
	fake "$bin/gcc" 'echo 14'
	probe --kdir "$kdir"
	says "one of another version does not replace it, and it is named as the headers do" 1 "$out" \
		'built with is missing: gcc \(Debian 12\.2\.0-14\) 12\.2\.0$'
	fake "$bin/gcc" 'echo 12.3.1'
	probe --kdir "$kdir"
	says "one of the same major version does" 0 "$out" "^CC := $bin/gcc$"
	fake "$bin/gcc-12" 'echo 12'
	probe --kdir "$kdir"
	says "the name by which the kernel's was called comes first" 0 "$out" "^CC := $bin/gcc$"
	rm -- "$bin/gcc" "$bin/gcc-12"
	mkdir -p -- "$world/unpacked/usr/src"
	mv -- "$kdir" "$world/unpacked/usr/src/own"
	fake "$world/unpacked/bin/gcc-12" 'echo 12'
	probe --kdir "$world/unpacked/usr/src/own"
	says "headers that were unpacked may have brought their compiler" 0 "$out" "^CC := $world/unpacked/bin/gcc-12$"
	mv -- "$world/unpacked/usr/src/own" "$kdir"
	fake "$bin/gcc-12" 'echo 12'
	variables=(CC="$bin/gcc-12")
	probe --kdir "$kdir"
	says "CC is obeyed" 0 "$out" "^CC := $bin/gcc-12$"
	variables=(CC=nonsense)
	probe --kdir "$kdir"
	says "and must exist" 1 "$out" "CC is set to 'nonsense', which does not exist"
	variables=()
	printf 'CONFIG_CC_IS_CLANG=y\nCONFIG_CLANG_VERSION=190107\nCONFIG_LD_IS_LLD=y\nCONFIG_CC_VERSION_TEXT="Debian clang version 19.1.7"\n' \
		>>"$kdir/include/config/auto.conf"
	sed -i '/GCC/d; /(Debian/d' "$kdir/include/config/auto.conf"
	fake "$bin/clang" 'echo 14.0.6'
	probe --kdir "$kdir"
	says "another clang does not replace the kernel's" 1 "$out" 'is missing: Debian clang version 19\.1\.7$' 'is called clang-19,'
	fake "$bin/clang-19" :
	fake "$bin/ld.lld" :
	fake "$bin/ld.lld-19" :
	probe --kdir "$kdir"
	says "clang and its linker are found by version" 0 "$out" "^CC := $bin/clang-19$" "^LD := $bin/ld\.lld-19$"

	new_world
	rm -- "$bin/ld"
	probe --kdir "$kdir"
	says "no linker" 1 "$out" "no linker: 'ld'"
}

test_kdir() {
	local file
	new_world
	probe --kdir "$world/none"
	says "no KDIR" 1 "$out" "KDIR '$world/none' is not a directory" 'headers are not installed'

	mkdir -p -- "$world/empty"
	probe --kdir "$world/empty"
	says "a KDIR that is no kernel" 1 "$out" 'is no kernel tree'

	echo 6.11.99-old >"$kdir/include/config/kernel.release"
	probe --kdir "$kdir"
	says "kernel too old" 1 "$out" 'is Linux 6\.11\.99-old, older than 6\.12'

	for file in include/config/auto.conf include/generated/autoconf.h scripts/mod/modpost; do
		new_world
		cp -- "$kdir/include/config/auto.conf" "$kdir/.config"
		rm -- "$kdir/$file"
		probe --kdir "$kdir"
		says "headers without $file" 1 "$out" "configured but not built: it has no $file" \
			'modules_prepare'
	done

	new_world
	rm -- "$kdir/Module.symvers"
	probe --kdir "$kdir"
	says "headers without Module.symvers" 1 "$out" 'not built: it has no Module.symvers'

	new_world
	rm -- "$kdir/.config" "$kdir/include/config/auto.conf"
	probe --kdir "$kdir"
	says "headers that are not configured" 1 "$out" 'is not configured: it has no \.config'
	mv -- "$kdir" "$kdir-common"
	probe --kdir "$kdir-common"
	says "headers of several kernels" 1 "$out" 'have in common' "KDIR='$kdir-amd64'"

	new_world
	sed -i s/X86_64/ARM64/ "$kdir/include/config/auto.conf"
	probe --kdir "$kdir"
	says "headers of another architecture" 1 "$out" 'another architecture: CONFIG_X86_64 is not set'

	new_world
	sed -i /CONFIG_MODULES/d "$kdir/include/config/auto.conf"
	probe --kdir "$kdir"
	says "kernel without modules" 1 "$out" 'without loadable modules: CONFIG_MODULES'

	new_world
	rm -- "$bin/uname"
	fake "$bin/uname" 'echo aarch64'
	probe --kdir "$kdir"
	says "machine of another architecture" 1 "$out" "this machine is 'aarch64'"
}

test_default_kdir() {
	new_world
	probe --default-kdir
	says "no headers at all" 1 "$out" 'no headers of Linux 6\.12 or later' 'scripts/install-deps'

	fake_kdir "$world/usr/src/linux-headers-6.1.0-amd64" 6.1.0-amd64
	probe --default-kdir
	says "old headers do not count" 1 "$out" 'no headers of Linux 6\.12 or later'

	fake_kdir "$world/usr/src/linux-headers-6.12.9-amd64" 6.12.9-amd64
	fake_kdir "$world/usr/src/linux-headers-6.12.117-amd64" 6.12.117-amd64
	fake_kdir "$world/usr/src/linux-headers-6.12.118-cloud-amd64" 6.12.118-cloud-amd64
	probe --default-kdir
	says "the newest plain kernel is the default" 0 "$out" "^$world/usr/src/linux-headers-6\.12\.117-amd64$"

	fake_kdir "$world/lib/modules/6.12.120-own/build" 6.12.120-own
	probe --default-kdir
	says "a kernel in /lib/modules counts" 0 "$out" "^$world/lib/modules/6\.12\.120-own/build$"

	fake_kdir "$world/cache/headers/x/usr/src/linux-headers-6.12.130-amd64" 6.12.130-amd64
	probe --default-kdir
	says "headers in the cache count" 0 "$out" '/cache/headers/x/usr/src/linux-headers-6\.12\.130-amd64$'

	fake_kdir "$world/cache/headers/y/usr/src/linux-headers-7.3.4-amd64" 7.3.4-amd64
	probe --default-kdir
	says "... but not those of another series, for which KERNEL asked" 0 "$out" '/linux-headers-6\.12\.130-amd64$'

	# shellcheck disable=SC2016 # it is the text of a script
	fake "$bin/apt-cache" 'case $*" " in policy*"linux-image-6.12.117-amd64 "*) echo "  Candidate: 1" ;; *) echo "  Candidate: (none)" ;; esac'
	probe --default-kdir
	says "of several kernels, one that apt offers an image of comes first" 0 "$out" '/linux-headers-6\.12\.117-amd64$'
	mkdir -p -- "$world/boot"
	: >"$world/boot/vmlinuz-6.12.120-own"
	probe --default-kdir
	says "... or one that is installed, but not without modules" 0 "$out" '/linux-headers-6\.12\.117-amd64$'
	: >"$world/lib/modules/6.12.120-own/modules.dep"
	probe --default-kdir
	says "... and with them" 0 "$out" "^$world/lib/modules/6\.12\.120-own/build$"
	mkdir -p -- "$world/cache/kernels/6.12.130-amd64_1/boot"
	: >"$world/cache/kernels/6.12.130-amd64_1/boot/vmlinuz-6.12.130-amd64"
	probe --default-kdir
	says "... or one whose image the cache has" 0 "$out" '/linux-headers-6\.12\.130-amd64$'
	sed -i 's/=120200/=150100/' "$world/cache/headers/x/usr/src/linux-headers-6.12.130-amd64/include/config/auto.conf"
	probe --default-kdir
	says "one whose compiler is missing does not count" 0 "$out" "^$world/lib/modules/6\.12\.120-own/build$"
	rm -- "$world/lib/modules/6.12.120-own/build/Module.symvers"
	probe --default-kdir
	says "nor does one that is not built" 0 "$out" '/linux-headers-6\.12\.117-amd64$'
	rm -- "$bin/gcc-12"
	probe --default-kdir
	says "if no compiler is there at all, the newest is the default" 0 "$out" '/linux-headers-6\.12\.130-amd64$'
}

test_success
test_rustc
test_bindgen_and_c
test_kdir
test_default_kdir
finish
