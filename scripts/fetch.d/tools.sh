# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # shares variables with scripts/fetch-kernel, which sources it
#
# Headers of a later Debian come with tools that need a later C library than this machine has, and
# with the name of a compiler that it may not have. Both run here with the libraries of that Debian,
# unpacked in the cache. Nothing of this machine's own is changed, and its own programs do not see
# these libraries. Sourced by scripts/fetch-kernel.

# Part of the name of a result. Raise it when this file makes something else of the same packages.
TOOLS_FORMAT=1

# suite_of RELEASE: prints the suite with which the kernel of that release was built, or nothing.
suite_of() {
	case $1 in
	*+deb13*) echo trixie ;;
	*+deb14*) echo sid ;;
	esac
}

# foreign_tools DIRECTORY: prints the tools of the headers that do not find their libraries here.
foreign_tools() {
	local file
	find "$1" -path '*/linux-kbuild-*' -type f -perm -100 | while IFS= read -r file; do
		[ "$(head -c 4 -- "$file" | tr -d '\0')" = $'\x7fELF' ] || continue
		! ldd "$file" 2>&1 | grep 'not found' >/dev/null || printf '%s\n' "$file"
	done
}

# compiler_of KDIR: prints the name of the kernel's compiler, or nothing where any will do.
compiler_of() {
	sed -nE 's/^CONFIG_CC_VERSION_TEXT="?([^ "]*gcc-[0-9]+).*/\1/p' "$1/include/config/auto.conf" 2>/dev/null || true
}

# has_compiler NAME: true if it is installed, by this name or without the architecture in it.
has_compiler() {
	[ -z "$1" ] || command -v "$1" >/dev/null || command -v "${1#x86_64-linux-gnu-}" >/dev/null
}

# write_script FILE ROOT PROGRAM [ARGUMENT]: makes FILE run PROGRAM with the libraries in ROOT.
write_script() {
	local libraries=$2/usr/lib/x86_64-linux-gnu
	{
		printf '#!/bin/sh\n# Runs a program of another Debian with the C library from there.\n'
		printf 'exec %s --library-path %s --argv0 %s %s%s "$@"\n' "$libraries/ld-linux-x86-64.so.2" \
			"$libraries" "$3" "$3" "${4:+ $4}"
	} >"$1"
	chmod 755 -- "$1"
}

# write_compiler NEW ROOT NAME: NEW/bin/NAME runs the compiler in NEW, which will be called ROOT.
# The assembler is this machine's.
write_compiler() {
	local programs=usr/libexec/gcc/x86_64-linux-gnu/${3##*-} name
	mkdir -p -- "$1/bin" "$1/programs"
	for name in cc1 collect2 lto-wrapper lto1; do
		[ ! -e "$1/$programs/$name" ] || write_script "$1/programs/$name" "$2" "$2/$programs/$name"
	done
	write_script "$1/bin/$3" "$2" "$2/usr/bin/$3" "-B$2/programs/"
}

# packages_for COMPILER: prints the packages with libraries for tools of headers and for COMPILER,
# and those of COMPILER unless it is empty.
packages_for() {
	local compiler=()
	printf '%s\n' libc6 libgcc-s1 libelf1t64 libssl3t64 libzstd1 zlib1g
	[ -n "$1" ] || return 0
	compiler=("cpp-${1##*-}-x86-64-linux-gnu" "gcc-${1##*-}-x86-64-linux-gnu")
	printf '%s\n' "${compiler[@]}"
	LC_ALL=C apt-cache depends --no-recommends --no-suggests "${compiler[@]}" |
		sed -nE 's/^ *Depends: (lib[^ ]*[0-9](t64)?)$/\1/p' | grep -v '^libcc1-'
}

# fetch_tools SUITE COMPILER: sets `tools` to the directory in the cache with what packages_for
# says, of SUITE.
fetch_tools() {
	local packages offered package
	use_suite "$1" || die "these headers have tools that need Debian's suite $1, see above"
	mapfile -t packages < <(packages_for "$2" | sort -u)
	mapfile -t offered < <(versions "${packages[@]}")
	for package in "${packages[@]}"; do
		[[ " ${offered[*]}" == *" $package="* ]] ||
			die "Debian's suite $1 has no package $package, which the tools of these headers need"
	done
	tools=$cache/foreign/$1-$(printf '%s\n' "$TOOLS_FORMAT $2" "${offered[@]}" | sha256sum | cut -c 1-16)
	lock foreign
	if [ ! -d "$tools" ]; then
		say "unpacking what the tools of these headers need of Debian's suite $1${2:+, and the compiler $2}"
		unpack_tools "$2" "${offered[@]}"
	fi
	check_tree "$tools" "it is fetched again"
}

# unpack_tools COMPILER PACKAGE=VERSION...: makes `tools` of these packages.
unpack_tools() {
	local compiler=$1 new=$cache/foreign/.new.$$
	shift
	temporary+=("$new")
	mkdir -p -- "$new"
	download "$new" "$@"
	rm -rf -- "$new/usr/share"
	[ -z "$compiler" ] || write_compiler "$new" "$tools" "$compiler"
	mv -T -- "$new" "$tools"
	if [ -n "$compiler" ] && ! "$tools/bin/$compiler" -x c -S -o /dev/null /dev/null >&2; then
		rm -rf -- "$tools"
		die "the compiler $compiler from there does not run on this machine, see above"
	fi
}

# check_program FILE: dies if FILE needs a library that is not in `tools`.
check_program() {
	local libraries=$tools/usr/lib/x86_64-linux-gnu missing
	missing=$("$libraries/ld-linux-x86-64.so.2" --library-path "$libraries" --list "$1" 2>&1 | grep -m 1 'not found') || return 0
	die "${1##*/} of these headers does not run on this machine: ${missing#*: }"
}

# has_tools TARGET: true if the cache still has what adapt_tools got for the headers in TARGET.
has_tools() {
	local tools
	[ -e "$1/tools" ] || return 0
	tools=$(cat -- "$1/tools")
	[ -d "$tools" ] || return 1
	check_tree "$tools" "it is fetched again"
}

# adapt_tools NEW TARGET KDIR RELEASE: makes the headers in NEW, which will be called TARGET, usable
# on this machine, or says what is missing. KDIR is relative to both.
adapt_tools() {
	local foreign compiler tools suite file
	mapfile -t foreign < <(foreign_tools "$1")
	compiler=$(compiler_of "$1/$3")
	! has_compiler "$compiler" || compiler=
	suite=$(suite_of "$4")
	if [ -z "$suite" ] || [ ${#foreign[@]} -eq 0 ] && [ -z "$compiler" ]; then
		return
	fi
	fetch_tools "$suite" "$compiler"
	printf '%s\n' "$tools" >"$1/tools"
	for file in "${foreign[@]}"; do
		check_program "$file"
		mv -- "$file" "$file.program"
		write_script "$file" "$tools" "$2/${file#"$1/"}.program"
	done
	if [ -n "$compiler" ]; then
		# scripts/toolchain looks there.
		ln -s "$tools/bin" "$1/bin"
		sed -i "s|^CC = .*|CC = $tools/bin/$compiler|" "$1/$3/.kernelvariables"
	fi
}
