#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016 # the texts in single quotes are scripts
#
# scripts/install-deps, with stand-ins for the package manager. Nothing is installed.

set -euo pipefail
here=$(dirname -- "$(readlink -f -- "$0")")
# shellcheck source=tests/scripts/tap.sh
. "$here/tap.sh"

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
out=$scratch/out world=$scratch/world bin=$scratch/world/bin

# fake NAME TEXT: a command in the world.
fake() {
	rm -f -- "$bin/$1"
	printf '#!/bin/sh\n%s\n' "$2" >"$bin/$1"
	chmod +x -- "$bin/$1"
}

# new_world: a Debian on which everything is there.
new_world() {
	local tool
	rm -rf -- "$world"
	mkdir -p -- "$bin" "$world/etc" "$world/usr/bin" \
		"$world/usr/src/linux-headers-6.12.50-amd64/include/config" "$world/scripts"
	for tool in awk bash cat cut df dirname env flock grep head mkdir readlink rm sed sort tail tr; do
		ln -s "$(type -P "$tool")" "$bin/$tool"
	done
	cp -- "$here"/../../scripts/{install-deps,toolchain,lib.sh} "$world/scripts/"
	echo 'ID=debian' >"$world/etc/os-release"
	echo 6.12.50-amd64 >"$world/usr/src/linux-headers-6.12.50-amd64/include/config/kernel.release"
	echo CONFIG_X86_64=y >"$world/usr/src/linux-headers-6.12.50-amd64/.config"
	fake dpkg-query 'for package; do
	case $package in -*) ;; libclang1-*) echo installed ;; $MISSING) ;; *) echo "$package installed" ;; esac
done'
	fake apt-cache '[ -z "$LISTS" ] || [ -e "$LISTS" ] || exit 0
case $* in
"policy bindgen") echo "  Candidate: ${BINDGEN:-0.60.1-2}" ;;
policy*linux-image-7*) echo "  Candidate: ${CANDIDATE_7:-${CANDIDATE:-1}}" ;;
policy*) echo "  Candidate: ${CANDIDATE:-1}" ;;
esac'
	fake apt-get 'case $* in
*--simulate*) echo "$SIMULATED" ;;
*) echo "apt-get $*" ;;
esac
case $1 in update) [ -z "$LISTS" ] || : >"$LISTS"; exit "${UPDATE:-0}" ;; esac'
	fake id 'echo "${USER_ID:-0}"'
	fake gcc 'echo 12'
	fake bindgen 'echo "bindgen 0.72.1"'
}

# deps ARGUMENT...: runs the script in the world.
deps() {
	run_into "$out" env -i PATH="$bin" LIFEBOUND_SRC_ROOT="$world" LIFEBOUND_CACHE="$world/cache" \
		"${variables[@]}" "$world/scripts/install-deps" "$@"
}
variables=()

new_world
start=${EPOCHREALTIME/./}
deps
elapsed=$((${EPOCHREALTIME/./} - start))
says "nothing to do" 0 "$out"
check "is silent" test ! -s "$out"
check "and takes no time ($((elapsed / 1000)) ms)" test "$elapsed" -lt 2000000
deps --check
says "--check with nothing missing" 0 "$out"

variables=(MISSING=rust-web-src)
deps --check
says "--check names what is missing" 1 "$out" 'missing packages: rust-web-src$'
check "and installs nothing" test "$(grep -c apt-get "$out")" = 0
deps
says "a missing package is named, then installed alone" 0 "$out" 'installing: rust-web-src$' \
	'apt-get install .*--no-install-recommends --no-remove -- rust-web-src$'
variables=(MISSING=rust-web-src SIMULATED='Remv qemu-utils [1:10.0]')
deps
says "what apt would remove is named, and nothing is installed" 1 "$out" 'apt would remove: qemu-utils$' \
	'install-deps --allow-removals$' 'Nothing was installed'
check "... nor removed" test "$(grep -c '^apt-get' "$out")" = 1
check "... after the lists were updated" grep -q '^apt-get update' "$out"
deps --allow-removals
says "with --allow-removals it is named before" 0 "$out" 'apt removes, .*: qemu-utils$' \
	'apt-get install --yes --quiet --no-install-recommends -- rust-web-src$'
variables=(MISSING=rust-web-src SIMULATED=)
deps
says "apt itself is told to remove nothing" 0 "$out" 'apt-get install .* --no-remove -- rust-web-src$'
variables=(MISSING='bc' SIMULATED='Remv busybox [1:1.35]')
deps --kernel-build
says "the option is shown with the others" 1 "$out" 'install-deps --allow-removals --kernel-build$'
variables=(MISSING=libclang1 LISTS="$world/lists")
rm "$bin/dpkg-query" # as new_world's answers for libclang1-* of any version
fake dpkg-query 'for package; do case $package in -* | libclang*) ;; *) echo "$package installed" ;; esac; done'
deps
says "a machine without lists of packages updates them first" 0 "$out" "updating apt's lists" 'apt-get update' \
	'apt-get install .* libclang1$'
new_world
variables=(MISSING=rust-web-src UPDATE=100)
deps
says "lists that cannot all be updated do not matter" 0 "$out" 'going on with those that there are' \
	'apt-get install .* rust-web-src$'
variables=(MISSING=rust-web-src USER_ID=1000)
deps </dev/null
says "without root and sudo, the command is shown" 1 "$out" 'Run as root: apt-get update && apt-get install .* rust-web-src$'
fake sudo 'echo "sudo $*"'
deps </dev/null
says "with sudo, it is used" 0 "$out" '^sudo env .*apt-get install .* rust-web-src$'
variables=(MISSING=rust-web-src CANDIDATE='(none)')
deps
says "a package that apt does not have" 1 "$out" 'apt offers no package called: rust-web-src' 'Debian 12 with'

variables=()
rm -r -- "$world/usr/src"
deps
says "missing headers are installed" 0 "$out" 'apt-get install .* linux-headers-6\.12-amd64$'
printf '#!/bin/sh\necho "fetch $*" >&2\n' >"$world/scripts/fetch-kernel"
chmod +x "$world/scripts/fetch-kernel"
variables=(SIMULATED='Inst linux-image-6.12.50-amd64 (1)')
deps
says "but not if that brings a kernel image" 0 "$out" 'would install a kernel image' 'fetch headers'
check "then apt installs nothing" test "$(grep -c 'apt-get install' "$out")" = 0
variables=(CANDIDATE='(none)')
mkdir -p -- "$world/usr/src/linux-headers-7.3-amd64/include/config"
echo 7.3-amd64 >"$world/usr/src/linux-headers-7.3-amd64/include/config/kernel.release"
echo CONFIG_X86_64=y >"$world/usr/src/linux-headers-7.3-amd64/.config"
deps
says "headers of a kernel that cannot be booted will do if there are no others" 0 "$out" \
	'note: apt offers neither .*linux-headers-7\.3-amd64, so modules can be built, but not booted'
variables=(CANDIDATE_7='(none)' SIMULATED=)
deps
says "... and are not enough if there are" 0 "$out" 'apt-get install .* linux-headers-6\.12-amd64$'
rm -r -- "$world/usr/src"
variables=(CANDIDATE='(none)')
deps
says "no headers to be had" 1 "$out" 'no kernel headers of Linux 6\.12' 'backports'

new_world
variables=()
fake bindgen 'echo "bindgen 0.60.1"'
printf '#!/bin/sh\necho "cargo $* RUSTC=$RUSTC" >&2\nexit "${CARGO_STATUS:-0}"\n' >"$world/usr/bin/cargo"
chmod +x "$world/usr/bin/cargo"
deps
says "an old bindgen is not good enough" 0 "$out" 'building bindgen 0\.72\.1' \
	"cargo install bindgen-cli --locked --version 0\.72\.1 --root $world/cache/tools .*RUSTC=$world/usr/bin/rustc"
variables=(BINDGEN=0.71.1-6)
deps --check
says "a package of it that is new enough is named" 1 "$out" 'missing packages: bindgen$'
check "and only that" test "$(grep -c 'missing:' "$out")" = 0
fake apt-get 'echo "apt-get $*"; case $* in *" -- bindgen") echo "echo bindgen 0.71.1" >"${0%apt-get}bindgen" ;; esac'
deps
says "and installed" 0 "$out" 'apt-get install .* -- bindgen$'
check "instead of a build" test "$(grep -c 'cargo ' "$out")" = 0
fake bindgen 'echo "bindgen 0.60.1"'
variables=(CARGO_STATUS=101)
deps
says "a failed build is reported" 1 "$out" 'could not build bindgen'
check "and leaves no build directory" test -z "$(find "$world/cache/tools" -name 'build.*')"

variables=()
echo 'ID=fedora' >"$world/etc/os-release"
deps
says "another system is left alone, with a list" 1 "$out" "\('fedora'\) is not Debian" 'bindgen 0\.71\.0' \
	qemu-system-x86_64 'rust-src'
printf 'ID=mint\nID_LIKE="ubuntu debian"\n' >"$world/etc/os-release"
fake bindgen 'echo "bindgen 0.72.1"'
deps
says "a relative of Debian is treated as one" 0 "$out"
new_world
variables=()
printf '#!/bin/sh\necho "cargo $* RUSTC=$RUSTC" >&2\n' >"$world/usr/bin/cargo"
chmod +x "$world/usr/bin/cargo"
deps --doc --check
says "--doc --check names mdbook" 1 "$out" 'missing: mdbook 0\.5\.4' 'scripts/install-deps --doc$'
deps --doc
says "--doc builds mdbook, and nothing else" 0 "$out" 'building mdbook 0\.5\.4' \
	"cargo install mdbook --locked --version 0\.5\.4 --root $world/cache/tools .*RUSTC=$world/usr/bin/rustc"
check "... once" test "$(grep -c '^cargo' "$out")" = 1
mkdir -p -- "$world/cache/tools/bin"
printf '#!/bin/sh\necho "mdbook v0.5.4"\n' >"$world/cache/tools/bin/mdbook"
chmod +x "$world/cache/tools/bin/mdbook"
deps --doc
says "one that is there is enough" 0 "$out"
check "... and nothing is said" test ! -s "$out"
echo 'ID=other' >"$world/etc/os-release"
deps --doc
says "... on any system" 0 "$out"
finish
