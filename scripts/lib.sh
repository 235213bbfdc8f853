# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Messages, versions and the cache directory, for the scripts next to this file. Source it after
# `set -euo pipefail`; it runs nothing by itself.

# The first kernel series with a `struct device_driver` that this tree knows, and the first rustc
# and bindgen that it is tested with. Other scripts and the tests read these.
LB_MIN_KERNEL=6.12
LB_MIN_RUSTC=1.96.0
LB_MIN_BINDGEN=0.71.0
# What `install-deps` builds.
LB_BINDGEN=0.72.1
LB_MDBOOK=0.5.4
export LB_MIN_KERNEL LB_MIN_RUSTC LB_MIN_BINDGEN LB_BINDGEN LB_MDBOOK

LB_NAME=${0##*/}

# depmod, modinfo and modprobe are there, where an ordinary user's PATH often does not reach.
PATH=$PATH:/usr/sbin:/sbin

# say TEXT...: one line to the user, on stderr, so that stdout stays machine-readable.
say() {
	printf '%s: %s\n' "$LB_NAME" "$*" >&2
}

# die_with STATUS WHAT [HINT]...: says what happened, then what to do, and exits.
die_with() {
	local status=$1 hint
	say "$2"
	shift 2
	for hint in "$@"; do
		printf '    %s\n' "$hint" >&2
	done
	name_full_disks
	exit "$status"
}

# free_mb DIRECTORY: prints how many MB can still be written there, or nothing if that cannot be
# found out.
free_mb() {
	df -Pm -- "$1" 2>/dev/null | awk 'NR == 2 && $4 ~ /^[0-9]+$/ { print $4 }'
}

# name_full_disks: names the directories that this tree writes to and that are full. A full disk may
# cause a failure that looks like another.
name_full_disks() {
	local directory free
	for directory in "${TMPDIR:-/tmp}" "${LIFEBOUND_CACHE:-${XDG_CACHE_HOME:-${HOME:-}/.cache}/lifebound}"; do
		free=$(free_mb "$directory") || free=
		[ "${free:-1}" -gt 0 ] || printf '    No space is left in %s.\n' "$directory" >&2
	done
}

# need_room STATUS MB: dies with STATUS unless that much can be written to TMPDIR.
need_room() {
	local free directory=${TMPDIR:-/tmp}
	if [ ! -d "$directory" ] || [ ! -w "$directory" ]; then
		die_with "$1" "no files can be made in '$directory' (TMPDIR)" "Set TMPDIR to another directory."
	fi
	free=$(free_mb "$directory") || free=
	[ "${free:-$2}" -ge "$2" ] || die_with "$1" "$free MB are free in '$directory' (TMPDIR), and this needs $2" \
		"Make room there, or set TMPDIR to another directory."
}

# has_room DIRECTORY: true if something can be written there.
has_room() {
	local file=$1/.room
	if { head -c 65536 /dev/zero >"$file"; } 2>/dev/null; then
		rm -f -- "$file"
	else
		rm -f -- "$file"
		return 1
	fi
}

# write_whole FILE COMMAND [ARGUMENT]...: writes to FILE what COMMAND prints. If an argument is {},
# COMMAND writes to the file that replaces {}. FILE is replaced in one step, when its content is on
# the disk. If the process is killed, or the machine loses power, the old FILE stays, or there is
# none. Two processes must not write the same FILE at a time.
write_whole() {
	local file=$1 new=$1.new argument command=() prints=yes status=0
	shift
	for argument in "$@"; do
		if [ "$argument" = '{}' ]; then
			argument=$new prints=
		fi
		command+=("$argument")
	done
	rm -f -- "$new"
	if [ -n "$prints" ]; then
		"${command[@]}" >"$new" || status=$?
	else
		"${command[@]}" || status=$?
	fi
	if [ "$status" -eq 0 ] && sync -- "$new" && mv -f -- "$new" "$file"; then
		return
	fi
	rm -f -- "$new"
	return $((status ? status : 1))
}

# seal FILE: records the content of FILE in FILE.sum, before FILE gets its name or right after. See
# is_whole.
seal() {
	write_whole "$1.sum" cksum_of "$1"
}

cksum_of() {
	cksum <"$1"
}

# is_whole FILE: true if FILE is as it was when it was sealed. Seals a FILE that was never sealed.
is_whole() {
	if [ -s "$1.sum" ]; then
		[ "$(cksum_of "$1")" = "$(cat -- "$1.sum")" ]
	else
		seal "$1" 2>/dev/null || true
	fi
}

# list_sizes DIRECTORY: prints size and name of each file in it.
list_sizes() {
	(cd -- "$1" && find . -type f ! -name '.sizes*' ! -name '*.sum*' -printf '%s %P\n' | LC_ALL=C sort && echo end)
}

# check_tree DIRECTORY AGAIN: dies if a file in DIRECTORY of the cache is gone, or has another size
# than at the first call. AGAIN says how to make DIRECTORY again after it was removed.
check_tree() {
	local directory=$1 size name now
	# A list that was cut short itself has no end.
	if [ "$(tail -n 1 -- "$directory/.sizes" 2>/dev/null)" != end ]; then
		write_whole "$directory/.sizes" list_sizes "$directory" 2>/dev/null || true
		return
	fi
	read -r size name < <(LC_ALL=C comm -23 -- "$directory/.sizes" <(list_sizes "$directory")) || return 0
	now=$(stat -c 'has %s bytes' -- "$directory/$name" 2>/dev/null) || now='is gone'
	die "the cache is damaged: $directory/$name $now; it had $size" \
		"Remove it, and $2: rm -rf '$directory'"
}

# die WHAT [HINT]...: die_with status 1.
die() {
	die_with 1 "$@"
}

# need_command COMMAND PACKAGE: dies unless COMMAND is in PATH.
need_command() {
	command -v "$1" >/dev/null || die "the command '$1' is missing" \
		"On Debian it is in the package '$2'; scripts/install-deps installs it."
}

# cache_root: where downloads and built tools live, outside of the checkout. Prints the path.
cache_root() {
	if [ -n "${LIFEBOUND_CACHE:-}" ]; then
		printf '%s\n' "$LIFEBOUND_CACHE"
	elif [ -n "${XDG_CACHE_HOME:-}" ]; then
		printf '%s/lifebound\n' "$XDG_CACHE_HOME"
	elif [ -n "${HOME:-}" ]; then
		printf '%s/.cache/lifebound\n' "$HOME"
	else
		die "none of LIFEBOUND_CACHE, XDG_CACHE_HOME and HOME is set" \
			"Set LIFEBOUND_CACHE to a directory that downloads may be kept in."
	fi
}

# version_number X.Y.Z: prints X * 100000 + Y * 100 + Z, the encoding of CONFIG_RUSTC_VERSION.
# Whatever follows the digits (`-nightly`, `+deb12`) is ignored; a missing part counts as 0.
version_number() {
	local x y z
	IFS=. read -r x y z _ <<<"$1"
	x=${x%%[!0-9]*} y=${y%%[!0-9]*} z=${z%%[!0-9]*}
	printf '%d\n' "$((10#${x:-0} * 100000 + 10#${y:-0} * 100 + 10#${z:-0}))"
}

# kernel_at_least RELEASE: true if RELEASE (as `uname -r` prints it) is LB_MIN_KERNEL or later.
# Patch levels go past 99, so only the first two parts are compared.
kernel_at_least() {
	local x y min_x min_y
	IFS=. read -r x y _ <<<"$1"
	IFS=. read -r min_x min_y _ <<<"$LB_MIN_KERNEL"
	x=${x%%[!0-9]*} y=${y%%[!0-9]*}
	[ "${x:-0}" -gt "$min_x" ] || { [ "${x:-0}" -eq "$min_x" ] && [ "${y:-0}" -ge "$min_y" ]; }
}

# seconds_since START: START is a value of $SECONDS; prints e.g. "83 s".
seconds_since() {
	printf '%d s\n' "$((SECONDS - $1))"
}

# cpu_seconds FILE: prints the sum of what bash's `times` has written into FILE. It cannot call
# `times` itself: in a subshell there is nothing to count yet.
cpu_seconds() {
	awk '{ for (i = 1; i <= NF; i++) { split($i, t, /[ms]/); sum += 60 * t[1] + t[2] } } END { printf "%d\n", sum }' "$1"
}

# hold_lock FD WORDS: takes the lock of the file that is open as FD. Says WORDS if another process
# holds it. The lock is released when the last process that inherited FD has ended.
hold_lock() {
	flock -n "$1" || { say "$2" && flock "$1"; }
}

# workers: prints how many processes that need a processor may run at a time: one for each
# processor, and at least two.
workers() {
	local processors
	processors=$(nproc)
	printf '%d\n' $((processors > 2 ? processors : 2))
}

# have_spare_time: true if for most of the last ten seconds no process had to wait for a processor.
# False if the kernel does not tell.
have_spare_time() {
	local average
	[ -r /proc/pressure/cpu ] || return
	read -r _ average _ </proc/pressure/cpu || return
	average=${average#avg10=}
	[ "${average%.*}" -lt 50 ]
}

# take_slot [--spare]: waits until one of the files in the directory LIFEBOUND_SLOTS is free, and
# keeps it until give_slot or the end of this shell. With --spare, it may also take a file spare-*
# when the processors have time to spare. If LIFEBOUND_SLOTS is not set, there is no limit.
take_slot() {
	local file
	[ -n "${LIFEBOUND_SLOTS:-}" ] || return 0
	while :; do
		for file in "$LIFEBOUND_SLOTS"/*; do
			if [[ $file == */spare-* ]] && { [ "${1:-}" != --spare ] || ! have_spare_time; }; then
				continue
			fi
			exec {LB_SLOT}<"$file"
			if flock -n "$LB_SLOT"; then
				# What runs in this slot needs none of its own.
				LB_SLOTS=$LIFEBOUND_SLOTS
				unset LIFEBOUND_SLOTS
				return
			fi
			exec {LB_SLOT}<&-
		done
		sleep 0.2
	done
}

# give_slot: undoes take_slot.
give_slot() {
	[ -n "${LB_SLOTS:-}" ] || return 0
	exec {LB_SLOT}<&-
	export LIFEBOUND_SLOTS=$LB_SLOTS
	LB_SLOTS=
}
