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

# package NAME FILE...: makes a package of version 6.12.50-1 with these files.
package() {
	local name=$1 tree=$scratch/tree/$1 file
	shift
	mkdir -p -- "$tree/DEBIAN"
	printf 'Package: %s\nVersion: 6.12.50-1\nArchitecture: amd64\nMaintainer: t <t@t.invalid>\nDescription: t\n' \
		"$name" >"$tree/DEBIAN/control"
	for file in "$@"; do
		mkdir -p -- "$(dirname -- "$tree/$file")"
		echo "include /usr/src/common/Makefile" >"$tree/$file"
	done
	dpkg-deb -b "$tree" "$serve/${name}_1_amd64.deb" >/dev/null
}

cat >"$scratch/bin/apt-cache" <<'EOF'
#!/bin/sh
case $1 in
policy) if [ -e "$SERVE/$2_1_amd64.deb" ]; then echo '  Candidate: 6.12.50-1'; else echo '  Candidate: (none)'; fi ;;
search) printf '%s - x\n' linux-image-6.12.9+t-amd64 linux-image-6.12.50+t-amd64-unsigned \
    linux-image-6.12.51+t-cloud-amd64 linux-headers-6.12.50+t-amd64 | grep -E "${3%%-6*}" ;;
depends) printf '%s\n' "$2" '  Depends: linux-headers-6.12.50+t-common' ' |Depends: linux-image-6.12.50+t-amd64' \
    '  Depends: linux-kbuild-6.12.50+t' '  Depends: gcc-12' ;;
esac
EOF
cat >"$scratch/bin/apt-get" <<'EOF'
#!/bin/sh
for last; do :; done
echo "$last" >>"$SERVE/log"
[ ! -e "$SERVE/broken" ] || { echo "E: no network" >&2; exit 100; }
sleep 0.3
cp "$SERVE/${last%%=*}_1_amd64.deb" .
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
rm -- "$serve/broken" "$serve/log"

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
finish
