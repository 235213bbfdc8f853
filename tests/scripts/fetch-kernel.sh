#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# scripts/fetch-kernel, with a stand-in for apt that serves small packages made here.

set -euo pipefail
here=$(dirname -- "$(readlink -f -- "$0")")
# shellcheck source=tests/scripts/tap.sh
. "$here/tap.sh"
fetch=$here/../../scripts/fetch-kernel
command -v dpkg-deb >/dev/null || skip_all "no dpkg-deb on this machine"

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
out=$scratch/out release=6.12.50+t-amd64 serve=$scratch/serve
release_regex=${release//+/\\+}
mkdir -p -- "$scratch/bin" "$serve"

# package NAME FILE...: makes a package of version 6.12.50-1 with these files, and with those of
# $scratch/tree/NAME.
package() {
	local name=$1 tree=$scratch/tree/$1 file
	shift
	mkdir -p -- "$tree/DEBIAN" "$serve"
	printf 'Package: %s\nVersion: 6.12.50-1\nArchitecture: amd64\nMaintainer: t <t@t.invalid>\nDescription: t\n' \
		"$name" >"$tree/DEBIAN/control"
	for file in "$@"; do
		mkdir -p -- "$(dirname -- "$tree/$file")"
		echo "include /usr/src/common/Makefile" >"$tree/$file"
	done
	dpkg-deb -b "$tree" "$serve/${name}_1_amd64.deb" >/dev/null
}

# A suite other than those that apt is configured with has packages of its own.
cat >"$scratch/bin/apt-cache" <<'EOF'
#!/bin/sh
[ -z "$APT_CONFIG" ] || SERVE=$SERVE/$(basename "$(dirname "$APT_CONFIG")")
case $1 in
policy)
    shift
    for name; do
        [ -e "$SERVE/${name}_1_amd64.deb" ] && version=6.12.50-1 || version='(none)'
        printf '%s:\n  Installed: (none)\n  Candidate: %s\n' "$name" "$version"
    done
    ;;
search) { [ -n "$APT_CONFIG" ] || printf '%s - x\n' linux-image-6.12.9+t-amd64 linux-image-6.12.51+t-cloud-amd64
    ls "$SERVE" | sed -n 's/_1_amd64.deb$/ - x/p'; } | awk -v regex="$3" '$1 ~ regex' ;;
depends) case $* in *gcc-99*) printf '%s\n' '  Depends: libanswer1' '  Depends: libcc1-0' '  Depends: gcc-99-base' && exit ;; esac
    [ -z "$APT_CONFIG" ] || { printf '%s\n' '  Depends: linux-kbuild-7.3.9+deb13' '  Depends: gcc-99-for-host' && exit; }
    printf '%s\n' "$2" '  Depends: linux-headers-6.12.50+t-common' ' |Depends: linux-image-6.12.50+t-amd64' \
    '  Depends: linux-kbuild-6.12.50+t' '  Depends: gcc-12' ;;
esac
EOF
cat >"$scratch/bin/apt-get" <<'EOF'
#!/bin/sh
case $* in
--print-uris*)
    [ -e "$SERVE/sources" ] || exit 0
    printf "'http://%s/InRelease' x 0\n" third.invalid/x/dists/t-tools debian.invalid/debian/dists/bookworm
    exit
    ;;
update*) echo "update $(sed -n 's/^URIs: //p' "$(dirname "$APT_CONFIG")/suite.sources")" >>"$SERVE/log" && exit ;;
esac
from=$SERVE
[ -z "$APT_CONFIG" ] || from=$SERVE/$(basename "$(dirname "$APT_CONFIG")")
[ ! -e "$SERVE/broken" ] || { echo "E: no network" >&2; exit 100; }
for word; do
    case $word in
    *=root) ;;
    *=*) echo "$word" >>"$SERVE/log" && cp "$from/${word%%=*}_1_amd64.deb" . ;;
    esac
done
sleep 0.3
EOF
printf '#!/bin/sh\nexit 1\n' >"$scratch/bin/dpkg-query"
chmod +x "$scratch"/bin/*
package "linux-image-$release-unsigned" "boot/vmlinuz-$release" "usr/lib/modules/$release/modules.order" \
	"usr/lib/modules/$release/modules.builtin"
package "linux-headers-$release" "usr/src/linux-headers-$release/Makefile"
package linux-headers-6.12.50+t-common usr/src/common/Makefile
package linux-kbuild-6.12.50+t usr/lib/linux-kbuild/scripts/x

# run ARGUMENT...: fetches into the test's cache.
run() {
	run_into "$out" env PATH="$scratch/bin:$PATH" SERVE="$serve" LIFEBOUND_SRC_ROOT="$scratch/none" \
		LIFEBOUND_CACHE="$scratch/cache" "$fetch" "$@"
}

: >"$serve/broken"
run stock --release "$release"
says "a failed download is reported with apt's words" 1 "$out" 'E: no network' \
	"could not download linux-image-$release_regex-unsigned 6\.12\.50-1" 'apt-get update'
check "and leaves nothing behind" test -z "$(ls -A "$scratch/cache/kernels")"
rm -- "$serve/broken"

(run stock --release "$release" && cp -- "$out" "$scratch/first") &
first=$!
out=$scratch/out2
run stock --release "$release"
wait "$first"
directory=$scratch/cache/kernels/${release}_6.12.50-1
says "the unsigned image is found, with its modules" 0 "$out" "^${directory//+/\\+}/boot/vmlinuz-$release_regex$" \
	"^${directory//+/\\+}/usr/lib/modules/$release_regex$"
check "its modules are indexed" test -e "$directory/usr/lib/modules/$release/modules.dep"
check "two runs at a time give the same" test "$(tail -n 2 "$scratch/first")" = "$(tail -n 2 "$out")"
check "and download once" test "$(grep -c . "$serve/log")" = 1

run stock
says "the newest plain release is the default, and comes from the cache" 0 "$out" "vmlinuz-$release_regex$"
check "without another download" test "$(grep -c . "$serve/log")" = 1

run stock --release 6.12.99-x
says "a release that apt does not have" 1 "$out" 'no kernel image for the release 6\.12\.99-x' '--kernel IMAGE'
run stock --kdir "$scratch/none"
says "a KDIR without a release" 1 "$out" 'no include/config/kernel\.release'
run other
says "an unknown kernel" 2 "$out" "'other' is not a kernel that can be fetched"

mkdir -p -- "$scratch/none/boot" "$scratch/none/lib/modules/6.12.77-own"
: >"$scratch/none/boot/vmlinuz-6.12.77-own"
: >"$scratch/none/lib/modules/6.12.77-own/modules.dep"
run stock --release 6.12.77-own
says "a kernel that is installed is not fetched" 0 "$out" "^$scratch/none/boot/vmlinuz-6\.12\.77-own$" \
	"^$scratch/none/lib/modules/6\.12\.77-own$"

run headers
kdir=$scratch/cache/headers/${release}_6.12.50-1/usr/src/linux-headers-$release
says "headers are unpacked with the packages that they need" 0 "$out" "^${kdir//+/\\+}$"
check "their Makefile points into the cache" \
	grep -qx "include $scratch/cache/headers/${release}_6.12.50-1/usr/src/common/Makefile" "$kdir/Makefile"
check "no image and no compiler is fetched for them" test "$(grep -c -e image-6.12.50+t-amd64= -e gcc "$serve/log")" = 0

# --- another Debian's -------------------------------------------------------------------------

run headers --release 6.1
says "a series that is too old is refused" 1 "$out" 'Linux 6\.1 is older than 6\.12'
run headers --release 7.3
says "without a source of Debian, another suite cannot be found" 1 "$out" 'no source of Debian to derive it from' \
	'no headers of Linux 7\.3 found, .* not be read, see above: trixie-backports sid$'
: >"$serve/sources"
mkdir -p -- "$scratch/none/etc" "$scratch/none/usr/share/keyrings"
echo VERSION_CODENAME=bookworm >"$scratch/none/etc/os-release"
run headers --release 7.3
says "nor without the keys of Debian's archive" 1 "$out" "keys of Debian's archive are missing" debian-archive-keyring
: >"$scratch/none/usr/share/keyrings/debian-archive-keyring.gpg"
run headers --release 7.3
says "a series that Debian does not have" 1 "$out" 'Debian has no headers of Linux 7\.3'
check "its suites are looked for where this machine has Debian" \
	test "$(grep ^update "$serve/log" | sort -u)" = 'update http://debian.invalid/debian/'

# A tool that does not find a library here, and a compiler of that Debian's.
libraries=usr/lib/x86_64-linux-gnu
echo 'int answer(void) { return 42; }' >"$scratch/answer.c"
cat >"$scratch/tool.c" <<'END'
#include <stdio.h>
int answer(void);
int main(int argc, char **argv)
{
	printf("%d %s %s\n", answer(), argv[0], argc > 1 ? argv[1] : "");
	return 0;
}
END
mkdir -p -- "$scratch/tree/libanswer1/$libraries" "$scratch/tree/libc6/$libraries" "$scratch/tree/gcc-99-x86-64-linux-gnu/usr/bin"
gcc -shared -o "$scratch/tree/libanswer1/$libraries/libanswer.so" "$scratch/answer.c"
gcc -o "$scratch/tool" "$scratch/tool.c" "-L$scratch/tree/libanswer1/$libraries" -lanswer
cp -- "$scratch/tool" "$scratch/tree/gcc-99-x86-64-linux-gnu/usr/bin/x86_64-linux-gnu-gcc-99"
for file in libc.so.6 ld-linux-x86-64.so.2; do
	cp -L -- "$(gcc "-print-file-name=$file")" "$scratch/tree/libc6/$libraries/$file"
done
release=7.3.9+deb13-amd64
newer=usr/src/linux-headers-$release
mkdir -p -- "$scratch/tree/linux-kbuild-7.3.9+deb13/usr/lib/linux-kbuild-7.3.9+deb13/scripts/mod" \
	"$scratch/tree/linux-headers-$release/$newer/include/config"
cp -- "$scratch/tool" "$scratch/tree/linux-kbuild-7.3.9+deb13/usr/lib/linux-kbuild-7.3.9+deb13/scripts/mod/modpost"
echo 'CONFIG_CC_VERSION_TEXT=x86_64-linux-gnu-gcc-99 (Debian 99) 99.1' >"$scratch/tree/linux-headers-$release/$newer/include/config/auto.conf"
# shellcheck disable=SC2016 # make expands it
echo 'CC = $(CROSS_COMPILE)gcc-99' >"$scratch/tree/linux-headers-$release/$newer/.kernelvariables"
own=$serve
serve=$own/trixie-backports
package "linux-headers-$release" "$newer/Makefile"
package linux-headers-7.3.10+deb13-rt-amd64
package linux-kbuild-7.3.9+deb13
package "linux-binary-$release" "usr/lib/modules/$release/vmlinuz"
package "linux-modules-$release" "usr/lib/modules/$release/kernel/a"
package "linux-base-$release" "usr/lib/modules/$release/modules.order" "usr/lib/modules/$release/modules.builtin"
serve=$own/trixie
for name in libgcc-s1 libelf1t64 libssl3t64 libzstd1 zlib1g cpp-99-x86-64-linux-gnu libc6 gcc-99-x86-64-linux-gnu; do
	package "$name"
done
serve=$own

run headers --release 7.3
says "what a tool needs and its Debian does not have is named" 1 "$out" 'suite trixie has no package libanswer1'
check "and leaves no headers behind" test -z "$(ls -A "$scratch/cache/headers" | grep -v ^6)"
serve=$own/trixie
package libanswer1
serve=$own
run headers --release 7.3
directory=$scratch/cache/headers/${release}_6.12.50-1
says "headers of another Debian's are found, of the plain kernel" 0 "$out" "^${directory//+/\\+}/${newer//+/\\+}$"
tool=$directory/usr/lib/linux-kbuild-7.3.9+deb13/scripts/mod/modpost
run_into "$out" "$tool" word
says "their tools run with the libraries of that Debian" 0 "$out" "^42 ${tool//+/\\+}\.program word$"
run_into "$out" "$directory/bin/x86_64-linux-gnu-gcc-99"
says "and so does their compiler" 0 "$out" '^42 .*/usr/bin/x86_64-linux-gnu-gcc-99 -B.*/programs/$'
check "which Kbuild is told of" grep -qE '^CC = .*/cache/foreign/trixie-[0-9a-f]*/bin/x86_64-linux-gnu-gcc-99$' \
	"$directory/$newer/.kernelvariables"
: >"$serve/log"
run headers --release 7.3
check "the series stays what it was, without a look at apt" test "$status" = 0 -a ! -s "$serve/log"
rm -r -- "$scratch/cache/foreign"
run headers --release 7.3
run_into "$out" "$tool" word
says "what was removed from the cache is fetched again" 0 "$out" '^42 '
run 7.3
modules=$scratch/cache/kernels/${release}_6.12.50-1/usr/lib/modules/$release
says "image and modules come from packages of their own" 0 "$out" "/boot/vmlinuz-${release//+/\\+}$" "^${modules//+/\\+}$"
check "and what is built in is known" test -e "$modules/modules.builtin"
run 7.3 --release 6.12.50+t-amd64
says "modules for another series are refused" 1 "$out" "the kernel '7\.3' is no 6\.12\.50" 'make KERNEL=7\.3'
run 7.3-rt --release "$release"
says "and those of another flavour" 1 "$out" "the kernel '7\.3-rt' is no 7\.3\.9"

serve=$own/trixie-backports
package linux-source-7.3 usr/src/linux-source-7.3.tar.xz
serve=$own
run source --release 7.3
source=$scratch/cache/source/linux-source-7.3_6.12.50-1.tar.xz
says "the source of a series is found in another suite" 0 "$out" "^$source$"
: >"$serve/log"
run source --release 7.3
check "and fetched once" test "$status" = 0 -a ! -s "$serve/log"
echo damaged >>"$source"
run source --release 7.3
says "a damaged one is fetched again" 0 "$out" "$source was damaged" "^$source$"
run source --release 7.8
says "a series without one is named" 1 "$out" 'Debian has no source package of Linux 7\.8'
run source --release 7.3-rt
says "a source has no flavour" 2 "$out" "'7\.3-rt' is no series"
run libclang
says "without a libclang that is new enough there is a hint" 1 "$out" 'no libclang of version 17 or later' LIBCLANG_PATH
mkdir -p -- "$scratch/tree/libclang1-19/usr/lib" "$scratch/tree/libllvm19/usr/lib"
gcc -shared -o "$scratch/tree/libclang1-19/usr/lib/libclang-19.so.19" "$scratch/answer.c"
cp -- "$scratch/tree/libclang1-19/usr/lib/libclang-19.so.19" "$scratch/tree/libllvm19/usr/lib/libLLVM.so.19.1"
for name in libclang1-16 libclang1-19 libllvm19; do
	package "$name"
done
run libclang
says "the first that is new enough is fetched" 0 "$out" "^$scratch/cache/foreign/libclang-19/lib$"
check "with its LLVM" test -e "$scratch/cache/foreign/libclang-19/lib/libLLVM.so.19.1"
finish
