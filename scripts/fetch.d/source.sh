# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # shares variables with scripts/fetch-kernel, which sources it
#
# What a kernel is built from that this machine does not have: the source of a later series, and the
# libclang that the kernel's own Rust code wants. Both are unpacked in the cache. Sourced by
# scripts/fetch-kernel.

# The first libclang that Linux 7.3 takes.
MIN_LIBCLANG=17

# print_source SERIES VERSION: prints the tarball of that version in the cache, or of any if VERSION
# is empty.
print_source() {
	local file
	while IFS= read -r file; do
		if is_whole "$file"; then
			printf '%s\n' "$file"
			return
		fi
		say "note: $file was damaged; it is fetched again"
		rm -f -- "$file" "$file.sum"
	done < <(find "$cache/source" -name "linux-source-$1_${2:-*}.tar.xz" 2>/dev/null | sort -rV)
	return 1
}

# source_of SERIES: prints the tarball of the newest source of SERIES. One that the cache has stays
# the newest until it is removed, so that the kernel built of it does, too.
source_of() {
	local series=$1 package=linux-source-$1 suite suites version='' new
	[[ $series =~ ^[0-9]+\.[0-9]+$ ]] || die_with 2 "'$series' is no series of Linux, such as 7.3"
	check_series "$series"
	! print_source "$series" '' || return 0
	lock source
	! print_source "$series" '' || return 0
	mapfile -t suites < <(suites_with "$series")
	for suite in "${suites[@]}"; do
		use_suite "$suite" || continue
		version=$(candidate "$package")
		[ -z "$version" ] || break
	done
	[ -n "$version" ] || die_without "source package" "$series"
	new=$cache/source/.new.$$
	temporary+=("$new")
	mkdir -p -- "$new"
	download "$new" "$package=$version"
	[ -r "$new/usr/src/$package.tar.xz" ] || die "the package $package has no /usr/src/$package.tar.xz"
	mv -- "$new/usr/src/$package.tar.xz" "$cache/source/${package}_$version.tar.xz"
	seal "$cache/source/${package}_$version.tar.xz"
	print_source "$series" "$version"
}

# libclang: prints a directory in the cache with a libclang of MIN_LIBCLANG or later, and the LLVM
# that it needs.
libclang() {
	local version directory new
	version=$(apt-cache search --names-only '^libclang1-[0-9]+$' | sed 's/ .*//; s/.*-//' | sort -n |
		awk -v min="$MIN_LIBCLANG" '$1 >= min { print; exit }')
	[ -n "$version" ] || die "apt offers no libclang of version $MIN_LIBCLANG or later" \
		"Install one from elsewhere, and name its directory: LIBCLANG_PATH=DIRECTORY"
	directory=$cache/foreign/libclang-$version
	lock foreign
	if [ ! -d "$directory" ]; then
		new=$cache/foreign/.new.$$
		temporary+=("$new")
		mkdir -p -- "$new/lib"
		download "$new" "libclang1-$version=$(candidate "libclang1-$version")" \
			"libllvm$version=$(candidate "libllvm$version")"
		# libclang looks for LLVM in a directory ../lib.
		find "$new/usr" \( -name 'libclang-*.so*' -o -name 'libLLVM*.so*' \) -type f -exec mv -t "$new/lib" -- {} +
		rm -rf -- "$new/usr"
		! ldd "$new"/lib/libclang-*.so* 2>&1 | grep 'not found' >&2 ||
			die "libclang $version needs libraries that are missing, see above"
		mv -T -- "$new" "$directory"
	fi
	check_tree "$directory" "it is fetched again"
	printf '%s\n' "$directory/lib"
}
