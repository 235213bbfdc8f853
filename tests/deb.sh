#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# The packages of `make deb`, installed on a Debian 12 and a Debian 13 that have what dpkg needs and
# no more: no git, and no network. There a user makes a new driver and builds it with the tree in
# /usr/share, and Debian's kernel loads it in QEMU. DKMS builds it with that tree, and with the one
# in the driver's own package. DEBIANS="bookworm" tries this one alone. Needs root.
#
# A system is made with mmdebstrap, of the archive from which this machine's apt has Debian. It is
# kept in the cache with all packages that are installed here, 300 MB for each Debian, until what
# the packages depend on is something else.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
[ "$(id -u)" -eq 0 ] || skip_all "this makes and enters systems of their own, which root can do"
command -v mmdebstrap >/dev/null || skip_all "mmdebstrap is not installed: scripts/install-deps --tests"
need_room 1 4000
work=$(mktemp -d)
trap 'rm -rf --one-file-system -- "$work"' EXIT
cache=$(cache_root)/debian
keys=/usr/share/keyrings/debian-archive-keyring.gpg
driver=blinker version=0.1.0

# --- the packages ---------------------------------------------------------------------------------

run_into "$work/log" make BUILD="$work/build" deb
report "$status" "the package of this tree" "$work/log"
run_into "$work/log" make new-driver NAME="$driver" BUS=pci DIR="$work/$driver"
run_into "$work/log" make BUILD="$work/build" deb M="$work/$driver"
report "$status" "the package of a new driver" "$work/log"
# Where no bindgen was built, the package depends on Debian's.
cargo=$(dirname "$(scripts/toolchain --rust 2>/dev/null | head -n 1)")/cargo
LIFEBOUND_CACHE=$work/none run_into "$work/log" scripts/make-deb "$work/without" "$cargo"
says "a package without bindgen" 0 "$work/log" 'no bindgen: the package depends on that of Debian 13'
mkdir -p "$work/deb" && mv "$work"/build/deb/*.deb "$work/deb" && rm -rf "$work/build"

# --- systems --------------------------------------------------------------------------------------

# sources DEBIAN: prints apt's sources for it. They are this machine's own of Debian, which name its
# release.
sources() {
	local codename
	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	# shellcheck disable=SC2016 # the format is apt's
	LC_ALL=C apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(CODENAME)' 'Created-By: Packages' |
		sed -nE "s#^Debian ([^ ]+) $codename(-security|-updates)?\$#deb [signed-by=$keys] \\1 $1\\2 main#p" | sort -u
}

# headers_of DEBIAN: prints the package with the headers that the release is asked for.
headers_of() {
	case $1 in
	bookworm) echo linux-headers-6.12-amd64 ;;
	*) echo linux-headers-amd64 ;;
	esac
}

# For mmdebstrap: has apt keep in the system what is installed there later, and what it depends on.
cat >"$work/download" <<-'HOOK'
	cd "$(dirname "$0")"
	APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get install --yes -qq --download-only --no-install-recommends "$PWD"/deb/*.deb dkms "$HEADERS"
HOOK

# make_system DEBIAN FILE: writes an archive with the system.
make_system() {
	sources "$1" >"$work/sources"
	if [ ! -s "$work/sources" ]; then
		apt-get update -qq && sources "$1" >"$work/sources"
	fi
	HEADERS=$(headers_of "$1") mmdebstrap --quiet --mode=root --variant=minbase --skip=cleanup/apt --format=tar \
		--customize-hook="sh '$work/download'" "$1" - <"$work/sources" | zstd -q -T0 -f -o "$2"
}

# system DEBIAN: prints the name of that archive.
system() {
	local file=$cache/$1 key
	key=$({ cat "$work/download" && declare -f headers_of make_system && dpkg-deb -f "$work/deb/lifebound-sdk"*.deb Depends &&
		dpkg-deb -f "$work/deb/$driver"*.deb Depends; } | sha256sum)
	file=$cache/$1-${key:0:12}.tar.zst
	mkdir -p -- "$cache"
	exec {lock}>"$cache/$1.lock"
	hold_lock "$lock" "waiting for another run that makes the system $1"
	if ! [ -s "$file" ] || ! is_whole "$file"; then
		rm -f -- "$cache/$1"-*
		say "making the system $1: some minutes, once"
		make_system "$1" "$file.new" >&2 || return
		mv -- "$file.new" "$file"
		seal "$file"
	fi
	exec {lock}>&-
	printf '%s\n' "$file"
}

# as USER COMMAND: runs it in the system in $root, without a network.
as() {
	local user=$1
	shift
	# shellcheck disable=SC2016 # the shell inside expands it
	unshare --net --mount --pid --ipc --fork --kill-child --mount-proc="$root/proc" \
		env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive INITRD=No \
		USER="$user" HOME="$(awk -F: -v user="$user" '$1 == user { print $6 }' "$root/etc/passwd")" \
		chroot --userspec="$user:$user" --groups= "$root" bash -c 'cd && eval "$*"' - "$@" </dev/null
}

# runs NAME USER COMMAND: good if COMMAND succeeds.
runs() {
	local name=$1 start=$SECONDS
	shift
	run_into "$work/log" as "$@"
	report "$status" "$debian: $name ($(seconds_since "$start"))" "$work/log"
}

# module_is NAME FILE: the module that it says it is, for the kernel of these headers.
module_is() {
	local field
	run_into "$work/modinfo" as root "modinfo '$2'"
	says "$debian: $1" 0 "$work/modinfo" '^license: +GPL' "^name: +$driver" '^alias: +pci:v00001B36d00000005' \
		"^vermagic: +${release//+/[+]} SMP "
}

# --- one Debian -----------------------------------------------------------------------------------

try() {
	local debian=$1 root=$work/root release install
	if ! system "$debian" >"$work/name"; then
		report 1 "$debian: the system"
		return
	fi
	mkdir "$root"
	zstd -qdc "$(cat "$work/name")" | tar -x --numeric-owner -C "$root"
	cp -r "$work/deb" "$root/tmp/deb"
	install="apt-get install --yes -q --no-install-recommends -o Dpkg::Options::=--force-unsafe-io"
	as root useradd --create-home --shell /bin/bash author

	runs "no network" root '! grep : /proc/net/dev | grep -v lo:'
	cp -r "$work/without" "$root/tmp/without"
	run_into "$work/log" as root "$install --simulate /tmp/without/*.deb"
	case $debian in
	bookworm) says "$debian: without bindgen, the package cannot be installed, and says why" 100 "$work/log" 'Depends: bindgen \(>= 0\.71' ;;
	*) says "$debian: without bindgen, the package brings Debian's" 0 "$work/log" '^Inst bindgen ' ;;
	esac
	runs "the package of the tree is installed" root "$install /tmp/deb/lifebound-sdk*.deb $(headers_of "$debian")"
	runs "... without git" root '! command -v git'
	release=$(basename "$(ls -d "$root"/usr/src/linux-headers-*-amd64)")
	release=${release#linux-headers-}
	runs "a user makes a driver" author "make -C /usr/share/lifebound new-driver NAME=$driver BUS=pci DIR=\$HOME/$driver"
	runs "... and builds it" author "make -C $driver"
	check "... without warnings" quiet "$work/log"
	module_is "... which is that driver" "/home/author/$driver/$driver.ko"
	runs "... nothing is written to the tree" root '! find /usr/share/lifebound -newer /home/author/blinker/Kbuild | grep .'
	runs "... and has the project for an editor" author \
		"make -C $driver rust-analyzer && grep '\"display_name\":\"zerocopy_derive\"' $driver/rust-project.json | grep -c is_proc_macro && grep '\"display_name\":\"zerocopy\"' $driver/rust-project.json"
	cp "$root/home/author/$driver/$driver.ko" "$work/$driver/"
	run_into "$work/log" scripts/run-sample "$work/$driver" "$work/$driver/$driver.ko" --kernel "$root/boot/vmlinuz-$release"
	says "$debian: ... that its kernel runs" 0 "$work/log" "'$driver' passed"
	cp -r tests/outside/crates "$root/home/author/crates"
	chown -R --reference="$root/home/author" "$root/home/author/crates"
	runs "a user builds a driver that brings crates" author "make -C /usr/share/lifebound M=\$HOME/crates/driver"
	runs "root installs the first" root "make -C /usr/share/lifebound install M=/home/author/$driver"
	runs "... and modprobe finds it" root "modprobe -S $release -R pci:v00001B36d00000005sv00001AF4sd00001100bc00sc00i00 | grep -x $driver"
	rm -r "$root/lib/modules/$release/updates"

	runs "DKMS is installed" root "$install dkms"
	cp -r "$work/$driver" "$root/usr/src/$driver-$version"
	rm "$root/usr/src/$driver-$version/$driver.ko"
	runs "DKMS builds the driver with the tree" root "dkms install -m $driver -v $version -k $release"
	with_dkms
	runs "... and removes it" root "dkms remove -m $driver -v $version --all"
	rm -rf "$root/usr/src/$driver-$version"
	runs "the tree is removed" root "apt-get purge --yes -q lifebound-sdk"
	check "... all of it" test ! -e "$root/usr/share/lifebound" -a ! -e "$root/var/cache/lifebound"

	runs "the package of the driver is installed" root "$install /tmp/deb/$driver-dkms*.deb"
	with_dkms
	runs "... and is removed" root "apt-get purge --yes -q $driver-dkms"
	check "... with all that it has made" test -z "$(find "$root"/usr/{lib/modules,src} "$root"/var/{lib/dkms,cache} -name "*$driver*" -o -name lifebound)"
}

# with_dkms: DKMS has built the module, and installed it where modprobe finds it.
with_dkms() {
	runs "... as it says itself" root "dkms status | tee /dev/stderr | grep '^$driver/$version, $release, x86_64: installed\$'"
	module_is "... the module is that driver" "$(find "$root/usr/lib/modules/$release/updates/dkms" -name "$driver.ko*" -printf "/lib/modules/$release/updates/dkms/%P")"
}

for debian in ${DEBIANS:-bookworm trixie}; do
	try "$debian"
	rm -rf --one-file-system -- "$work/root"
done
finish
