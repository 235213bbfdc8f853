# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # shares variables with scripts/fetch-kernel, which sources it
#
# Which kernels apt offers, and in which suite of Debian. A suite that this machine's apt is not
# configured with has lists of its own in the cache; the machine's are left alone.
# Sourced by scripts/fetch-kernel.

# versions PACKAGE...: prints "PACKAGE=VERSION" for each that apt would download, in this order.
versions() {
	LC_ALL=C apt-cache policy "$@" 2>/dev/null |
		awk '/^[^ ].*:$/ { sub(/:$/, ""); name = $0 } /^ +Candidate:/ && $2 != "(none)" { print name "=" $2 }'
}

# candidate PACKAGE: prints the version that apt would download, or nothing.
candidate() {
	versions "$1" | sed 's/^[^=]*=//'
}

# is_series NAME: true for the name of a series and a flavour, such as 7.3 and 6.12-rt. Other names
# are those of one release.
is_series() {
	[[ $1 =~ ^[0-9]+\.[0-9]+(-rt|-cloud)?$ ]]
}

# newest_of SERIES: reads releases, and prints the newest of that series and flavour.
newest_of() {
	local series=${1%%-*} flavour=${1#"${1%%-*}"} without='-(rt|cloud)-'
	[ -z "$flavour" ] || without='^$'
	grep -E "^${series//./\\.}\\.[0-9].*$flavour-amd64\$" | grep -vE -e "$without" | sort -uV | tail -n 1
}

# newest_release PREFIX SERIES: prints the newest release of SERIES with a package PREFIX-RELEASE.
newest_release() {
	apt-cache search --names-only "^$1-${2%%-*}\\.[0-9].*-amd64(-unsigned)?\$" |
		awk '{ print $1 }' | sed "s/^$1-//; s/-unsigned\$//" | newest_of "$2"
}

# mirrors: prints the places from which this machine's apt has Debian. A third party may have a
# suite of the same name; what is signed with other keys than Debian's is refused later.
mirrors() {
	local codename
	codename=$(sed -n 's/^VERSION_CODENAME=//p' "$root/etc/os-release" 2>/dev/null | tr -d '"') || codename=
	LC_ALL=C apt-get --print-uris update 2>/dev/null |
		sed -nE "s#^'([^']*/)dists/(${codename:-stable}|stable|testing|unstable|sid)/InRelease'.*#\\1#p" | sort -u
}

# write_source SUITE MIRROR: configures an apt of its own for that suite, in `place`.
write_source() {
	local keys=$root/usr/share/keyrings/debian-archive-keyring.gpg
	[ -r "$keys" ] || die "the keys of Debian's archive are missing: there is no $keys" \
		"On Debian they are in the package 'debian-archive-keyring'."
	mkdir -p -- "$place/lists/partial" "$place/packages/partial" "$place/none"
	printf '%s\n' 'Types: deb' "URIs: $2" "Suites: $1" 'Components: main' 'Architectures: amd64' \
		'Targets: Packages' "Signed-By: $keys" >"$place/suite.sources"
	{
		# What the user's own apt reads comes first.
		[ -z "$own_apt_config" ] || printf '#include "%s";\n' "$own_apt_config"
		printf '%s "%s";\n' Dir::State::lists "$place/lists/" Dir::Cache "$place/packages/" \
			Dir::Etc::sourcelist "$place/suite.sources" Dir::Etc::sourceparts "$place/none" \
			Dir::Etc::preferences /dev/null Dir::Etc::preferencesparts "$place/none" \
			Acquire::Languages none \
			APT::Architectures amd64 APT::Get::List-Cleanup true
		# As root, apt would read its lists as a user that cannot reach the cache.
		[ "$(id -u)" -ne 0 ] || printf '%s "%s";\n' APT::Sandbox::User root
	} >"$place/apt.conf"
}

# use_suite SUITE: has apt look at SUITE alone, with lists that are up to date. Fails, and says why,
# if they cannot be had.
use_suite() {
	local place=$cache/apt/$1 mirrors mirror
	export APT_CONFIG=$own_apt_config
	[ -n "$APT_CONFIG" ] || unset APT_CONFIG
	[ -n "$1" ] || return 0
	if [[ " $updated " != *" $1 "* ]]; then
		lock_apt "$1"
		mapfile -t mirrors < <(mirrors)
		for mirror in "${mirrors[@]}"; do
			say "reading the list of packages of Debian's suite $1"
			write_source "$1" "$mirror"
			if APT_CONFIG=$place/apt.conf apt-get update -qq --error-on=any >"$place/log" 2>&1; then
				updated+=" $1"
				break
			fi
			cat -- "$place/log" >&2
		done
		exec 7>&-
	fi
	if [[ " $updated " != *" $1 "* ]]; then
		unread+=" $1"
		if [ ${#mirrors[@]} -eq 0 ]; then
			say "Debian's suite $1 is needed, and this machine's apt has no source of Debian to derive it from"
		else
			say "apt-get could not read Debian's suite $1 from ${mirrors[*]}"
		fi
		return 1
	fi
	export APT_CONFIG=$place/apt.conf
}

# lock_apt SUITE: waits until no other run changes the lists of SUITE.
lock_apt() {
	mkdir -p -- "$cache/apt"
	exec 7>"$cache/apt/$1.lock"
	hold_lock 7 "waiting for another run that reads the list of $1"
}

# suites_with NAME: prints the suites in which that release or series may be, one a line. The first,
# which has no name, stands for the sources that apt is configured with.
suites_with() {
	echo
	case $1 in
	"$LB_MIN_KERNEL"*) ;;
	*+deb13*) echo trixie-backports ;;
	*+deb14*) echo sid ;;
	*) ! is_series "$1" || printf '%s\n' trixie-backports sid ;;
	esac
}

# find_suite NAME PREFIX...: has apt look at the first suite with a package PREFIX-RELEASE, and sets
# `release`. NAME is a series, or RELEASE itself.
find_suite() {
	local name=$1 suite suites prefix
	shift
	mapfile -t suites < <(suites_with "$name")
	for suite in "${suites[@]}"; do
		use_suite "$suite" || continue
		for prefix; do
			release=$name
			if is_series "$name"; then
				release=$(newest_release "$prefix" "$name") || release=
			fi
			if [ -n "$release" ] && [ -n "$(candidate "$prefix-$release")$(candidate "$prefix-$release-unsigned")" ]; then
				return
			fi
		done
	done
	use_suite ''
	return 1
}

# download DIRECTORY PACKAGE=VERSION...: fetches the packages and unpacks them into DIRECTORY.
download() {
	local directory=$1 start=$SECONDS log file options=(-q)
	shift
	# As root, apt warns that its own user cannot write here; that is of no consequence.
	[ "$(id -u)" -ne 0 ] || options+=(-o APT::Sandbox::User=root)
	log=$directory/apt.log
	mkdir -- "$directory/deb"
	say "downloading ${*//=/ }"
	if ! (cd -- "$directory/deb" && apt-get "${options[@]}" download "$@") >"$log" 2>&1; then
		cat -- "$log" >&2
		die "apt-get could not download ${*//=/ }" \
			"If its list of packages is old: apt-get update (as root), then try again."
	fi
	for file in "$directory"/deb/*.deb; do
		dpkg-deb -x "$file" "$directory"
	done
	rm -rf -- "$directory/deb" "$log"
	say "unpacked ($(seconds_since "$start"))"
}
