# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # shares variables with scripts/boot, which sources it
#
# Which kernel to boot: a name or a path becomes an image, a release and a directory of modules.
# Sourced by scripts/boot.

# is_bzimage IMAGE: true if IMAGE follows the x86 boot protocol.
is_bzimage() {
	[ "$(dd if="$1" bs=1 skip=514 count=4 2>/dev/null | tr -d '\0')" = HdrS ]
}

# image_release IMAGE: prints the release that a bzImage or a vmlinux says it is, or nothing.
image_release() {
	local offset banner
	if is_bzimage "$1"; then
		# The boot protocol: a 16-bit pointer at 0x20e, relative to 0x200, to a version
		# string.
		offset=$(od -An -tu2 -j 526 -N 2 -- "$1")
		banner=$(dd if="$1" bs=1 skip=$((offset + 512)) count=128 2>/dev/null | tr '\0' '\n')
		banner=${banner%%$'\n'*}
		printf '%s\n' "${banner%% *}"
	else
		LC_ALL=C grep -a -o -m 1 'Linux version [0-9][^ ]*' -- "$1" | head -n 1 | cut -d ' ' -f 3
	fi
}

# cut_short IMAGE: true if IMAGE ends before what its own header says.
cut_short() {
	local sectors paragraphs needed
	if is_bzimage "$1"; then
		sectors=$(od -An -tu1 -j 497 -N 1 -- "$1")
		paragraphs=$(od -An -tu4 -j 500 -N 4 -- "$1")
		needed=$(((sectors + 1) * 512 + paragraphs * 16))
	else
		# Where the last of the parts that are loaded ends. What is no ELF file is QEMU's
		# business.
		needed=$(readelf -lW -- "$1" 2>/dev/null | awk '$1 == "LOAD" { print $2, $5 }' |
			{ end=0 && while read -r offset size; do
				[ $((offset + size)) -le "$end" ] || end=$((offset + size))
			done && echo "$end"; })
	fi
	[ "$(stat -L -c %s -- "$1")" -lt "${needed:-0}" ]
}

# resolve_kernel NAME RELEASE: sets kernel_image, kernel_modules (may be empty), kernel_release.
# A NAME with a slash is the path of an image, with its modules in lib/modules of a parent, if
# anywhere. Another name is one that scripts/fetch-kernel knows: it prints the path of the image,
# and on a second line the directory of the modules, if there is one. RELEASE, if not empty, is the
# release that the modules under test were built for.
resolve_kernel() {
	local name=$1 wanted=$2 output options=()
	if [ -f "$name" ] || [[ $name == */* ]]; then
		if ! [ -f "$name" ] || ! [ -r "$name" ]; then
			usage_error "no readable kernel image at '$name'"
		fi
		! cut_short "$name" || usage_error "the kernel image '$name' is cut short: its header speaks of more"
		kernel_image=$name
		kernel_release=$(image_release "$name") || kernel_release=
		[ -n "$kernel_release" ] || usage_error "'$name' is no kernel image: it does not say which release it is"
		kernel_modules=$(dirname -- "$name")/../lib/modules/$kernel_release
		[ -d "$kernel_modules" ] || kernel_modules=
		return
	fi
	if [ -n "$wanted" ]; then
		options=(--release "$wanted")
	elif [ -n "${KDIR:-}" ]; then
		options=(--kdir "$KDIR")
	fi
	output=$("$here/fetch-kernel" "$name" "${options[@]}") ||
		die_with "$STATUS_HOST" "the kernel '$name' is not available"
	{ read -r kernel_image && read -r kernel_modules; } <<<"$output" || true
	if cut_short "$kernel_image" || { [[ $kernel_image == "$cache"/* ]] && ! is_whole "$kernel_image"; }; then
		die_with "$STATUS_HOST" "the kernel image is damaged: $kernel_image" \
			"Remove the directory that it is in, and it is fetched or built again: rm -rf '${kernel_image%/boot/*}'"
	fi
	kernel_release=${kernel_modules##*/}
	[ -n "$kernel_release" ] || kernel_release=$(image_release "$kernel_image")
}

# unpack_payload IMAGE: writes the ELF file that a bzImage carries to stdout. Fails if it is
# compressed in a way that no tool here can undo.
unpack_payload() {
	local sectors offset length magic tool
	sectors=$(od -An -tu1 -j 497 -N 1 -- "$1")
	{ read -r offset && read -r length; } < <(od -An -v -w4 -tu4 -j 584 -N 8 -- "$1")
	offset=$((offset + (sectors + 1) * 512))
	magic=$(od -An -tx1 -j "$offset" -N 4 -- "$1" | tr -d ' \n')
	case $magic in
	28b52ffd) tool=zstd ;;
	fd377a58) tool=xz ;;
	1f8b08*) tool=gzip ;;
	*) return 1 ;;
	esac
	command -v "$tool" >/dev/null || return 1
	# The last four bytes are the unpacked size, which is not part of the compressed stream.
	{ tail -c "+$((offset + 1))" -- "$1" || true; } | head -c "$((length - 4))" | "$tool" -dc
}

# boots_directly ELF: true if the file has the note that lets QEMU enter it without a BIOS loader.
boots_directly() {
	readelf -n -- "$1" 2>/dev/null | grep 'Xen.*(0x00000012)' >/dev/null
}

# in_cache FILE: true if FILE of the cache is there and whole. Removes a damaged file, and says so.
in_cache() {
	[ -e "$1" ] || return
	if ! is_whole "$1"; then
		say "note: $1 was damaged; it is made again"
		rm -f -- "$1" "$1.sum"
		return 1
	fi
}

# into_cache TEMPORARY FILE: gives a finished file its name.
into_cache() {
	seal "$1"
	mv -f -- "$1.sum" "$2.sum"
	mv -f -- "$1" "$2"
}

# fast_image IMAGE: prints the path of an image that boots the same kernel faster, or IMAGE.
#
# A bzImage unpacks itself, which takes an emulated CPU more than a second. QEMU can enter the ELF
# file in it directly (CONFIG_PVH); it is unpacked once and kept in the cache. Entered that way the
# kernel does not choose a random address for itself, so the addresses in reports are repeatable.
fast_image() {
	local image=$1 fast temporary
	if ! is_bzimage "$image" || ! command -v readelf >/dev/null; then
		printf '%s\n' "$image"
		return
	fi
	fast=$cache/boot/vmlinux-$(sha256sum -- "$image" | cut -c 1-32)
	if ! in_cache "$fast" || { [ -s "$fast" ] && cut_short "$fast"; }; then
		mkdir -p -- "$cache/boot"
		temporary=$(mktemp -- "$cache/boot/.new.XXXXXX")
		if ! unpack_payload "$image" >"$temporary" 2>/dev/null || ! boots_directly "$temporary" || cut_short "$temporary"; then
			has_room "$cache/boot" || die_with "$STATUS_HOST" "no space is left in $cache/boot"
			: >"$temporary"
		fi
		into_cache "$temporary" "$fast"
	fi
	# An empty file records that there is no faster way.
	if [ -s "$fast" ]; then printf '%s\n' "$fast"; else printf '%s\n' "$image"; fi
}

# counter_khz: prints the rate of the processor's time stamp counter in kHz, or nothing if that
# cannot be found out.
counter_khz() {
	local program rustc=${RUSTC:-/usr/bin/rustc}
	program=$cache/boot/tsc-$(sha256sum -- "$parts/tsc.rs" | cut -c 1-32)
	if ! in_cache "$program"; then
		mkdir -p -- "$cache/boot"
		"$rustc" -O -o "$program.$$" "$parts/tsc.rs" >/dev/null 2>&1 || return 0
		into_cache "$program.$$" "$program"
	fi
	"$program" 2>/dev/null || true
}
