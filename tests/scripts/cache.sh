#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Files in the cache are not trusted, and disks may be full. A truncated file, a writer that is
# killed in the middle and a TMPDIR without room are named, and never taken for a fault of the
# kernel.

set -euo pipefail
here=$(dirname -- "$(readlink -f -- "$0")")
# shellcheck source=tests/scripts/tap.sh
. "$here/tap.sh"
scripts=$here/../../scripts

scratch=$(mktemp -d)
trap 'umount -- "$scratch/full" 2>/dev/null || true; rm -rf -- "$scratch"' EXIT
out=$scratch/out

# in_lib TEXT: runs it in a shell that has read scripts/lib.sh.
in_lib() {
	run_into "$out" bash -c "set -euo pipefail; cd '$scratch'; . '$scripts/lib.sh'; $1"
}

# --- files that are replaced whole ------------------------------------------------------------

echo old >"$scratch/made"
in_lib 'write_whole made echo new'
check "a file is replaced by what a command prints" test "$(cat "$scratch/made")" = new
in_lib 'write_whole made cp -- made {}'
check "... or by what it writes" test "$(cat "$scratch/made")" = new
in_lib 'write_whole made sh -c "echo part; exit 3"'
says "a command that fails leaves the old one" 3 "$out"
check "... and nothing else" test "$(cat "$scratch/made")$(ls "$scratch" | tr '\n' ' ')" = 'newmade out '
# shellcheck disable=SC2016 # another shell expands it
{ in_lib 'write_whole made sh -c "echo part; kill -9 \$PPID; sleep 1"'; } 2>/dev/null
says "... and so does one that is killed, with this script" 137 "$out"
check "... whatever it wrote before" test "$(cat "$scratch/made")" = new

mkdir -p -- "$scratch/tree/deep"
echo one >"$scratch/tree/deep/er"
in_lib 'check_tree tree "again"; check_tree tree "again"'
says "a directory that is as it was" 0 "$out"
truncate -s 1 "$scratch/tree/deep/er"
in_lib 'check_tree tree "it is fetched again"'
says "a file of it that is cut short is named, and what to do" 1 "$out" 'damaged: tree/deep/er has 1 bytes; it had 4' \
	"it is fetched again: rm -rf 'tree'"
rm -- "$scratch/tree/deep/er"
in_lib 'check_tree tree "again"'
says "one that is gone, too" 1 "$out" 'damaged: tree/deep/er is gone'
: >"$scratch/tree/.sizes"
in_lib 'check_tree tree "again"'
says "a list that was cut short itself is made again" 0 "$out"
check "... whole" grep -qx end "$scratch/tree/.sizes"

# --- boots ------------------------------------------------------------------------------------

# skip_rest REASON: ends the script without what is left of it.
skip_rest() {
	report 0 "the rest # SKIP $1"
	finish
}

command -v qemu-system-x86_64 >/dev/null || skip_rest "no qemu-system-x86_64 on this machine"
kernel=$("$scripts/fetch-kernel" stock 2>"$scratch/fetch") ||
	skip_rest "no stock kernel: $(tail -n 1 "$scratch/fetch")"
kernel=${kernel%%$'\n'*}
# A cache of our own, to be damaged.
cache=$scratch/cache
mkdir -p -- "$cache/kernels"
cp -r -- "${kernel%/boot/*}" "$cache/kernels/"
release=${kernel##*/vmlinuz-}
image=$(echo "$cache"/kernels/*/boot/"vmlinuz-$release")
# As a regular expression.
image_regex=${image//+/.}

boot() {
	run_into "$out" env LIFEBOUND_CACHE="$cache" "$scripts/boot" "$@"
}

boot --kernel "$image" -- true
says "a boot makes the pieces in the cache" 0 "$out"
pieces=("$cache"/boot/vmlinux-*[0-9a-f] "$cache"/boot/base-*.cpio)
truncate -s 1000000 "${pieces[@]}"
boot --kernel "$image" -- true
says "those that are cut short are made again" 0 "$out" "note: ${pieces[0]} was damaged" "note: ${pieces[1]} was damaged"

truncate -s -4096 "$image"
boot --kernel "$image" -- true
says "a kernel image that is cut short is wrong usage if it was named" 2 "$out" "'$image_regex' is cut short"
printf '%s\n' x >"$scratch/none"
boot --kernel "$scratch/none" -- true
says "so is a file that is no image" 2 "$out" "'$scratch/none' is no kernel image"
boot -- true
says "and a damaged one of the cache is named" 69 "$out" "damaged: $image_regex has [0-9]+ bytes; it had" \
	"fetched again: rm -rf '${image_regex%/boot/*}'"
cp -- "$kernel" "$image"
printf x | dd of="$image" bs=1 seek=5000000 conv=notrunc 2>/dev/null
boot -- true
says "... also if it has its size" 69 "$out" "kernel image is damaged: $image_regex"
cp -- "$kernel" "$image"
module=$(find "${image%/boot/*}" -name 'ttyprintk.ko*')
truncate -s 100 "$module"
boot -- true
says "... or if a module is" 69 "$out" "damaged: ${module//+/.} has 100 bytes"
rm -- "${image%/boot/*}/.sizes"
cp -- "$(echo "${kernel%/boot/*}${module#"${image%/boot/*}"}")" "$module"

# --- no room ----------------------------------------------------------------------------------

run_into "$out" env TMPDIR="$scratch/absent" "$scripts/boot" -- true
says "a TMPDIR that does not exist" 69 "$out" "no files can be made in '$scratch/absent' \(TMPDIR\)"
mkdir -- "$scratch/full"
mount -t tmpfs -o size=40m none "$scratch/full" 2>/dev/null ||
	skip_rest "a file system that is full can be made by root alone"
head -c 30M /dev/zero >"$scratch/full/filling"
export TMPDIR=$scratch/full
boot -- true
says "a TMPDIR without room" 69 "$out" "1?[0-9] MB are free in '$scratch/full' \(TMPDIR\), and this needs 16"
head -c 20M /dev/zero >"$scratch/full/filling"
head -c 15M /dev/zero >"$scratch/large"
boot --file "$scratch/large" -- true
says "... whose room is gone while the guest's files are made" 69 "$out" "no space is left in '$scratch/full/.*' \(TMPDIR\)"
(
	until [ -n "$(find "$scratch/full" -name log -size +0)" ]; do
		sleep 0.1
	done
	cat /dev/zero >"$scratch/full/filling" 2>/dev/null
) &
boot -- sh -c 'dmesg; exit 3'
wait || true
says "... or while it runs" 69 "$out" "no space was left in '$scratch/full/.*' \(TMPDIR\), so nothing is known"
cat /dev/zero >"$scratch/full/filling" 2>/dev/null || true
run_into "$out" "$scripts/toolchain" --kdir "$("$scripts/toolchain" --default-kdir)"
says "a build's probe names it" 1 "$out" "no file can be made in '$scratch/full' \(TMPDIR\)|No space is left in $scratch/full"
finish
