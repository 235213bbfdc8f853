#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Drivers in QEMU: each directory of tests/boot, each driver, each sample. Those whose devices fit into one machine share
# guests (see scripts/machines.awk), so a script leaves its machine as it was. Up to two guests for each processor run at a
# time; but for the debug kernel's, as many as scripts/test has slots for beside other suites. They run on the stock kernel,
# or on the one that KERNEL names (make test TESTS=boot KERNEL=debug). BOOTS="pci_irq usb_order" runs these alone; ROUNDS=all
# repeats what is to be repeated as often as it takes, not as often as there is time for.
#
# A directory of tests/boot without a Kbuild is for a module of the tree, which it names: `# tests: MODULE` in `boot`. With
# a line `# needs: CONFIG_X` it is skipped on kernels without that. `# takes: N s` says how long it takes on the debug kernel,
# if that is longer than five seconds, so that all guests take about as long.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

kernel=${KERNEL:-stock}
export KERNEL=$kernel
options=()
case $kernel in
stock) kdir=$(scripts/toolchain --default-kdir) ;;
*)
	need_kernel "$kernel"
	options=(--kernel "$kernel")
	;;
esac
[ -z "${ROUNDS:-}" ] || options+=(--append "rounds=$ROUNDS" --timeout 1500)
release=$(cat "$kdir/include/config/kernel.release")
out=$PWD/build/$release
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

jobs=$(nproc)
guests=$((2 * $(workers)))
if [ "$kernel" = debug ]; then
	# For two thirds of the time they wait: for what is freed late, and for leaks to be old enough. So they take no slots;
	# nor does their build, so that the longest of all suites begins at once.
	unset LIFEBOUND_SLOTS
	# These guests have one thread of the host for all their processors, unless each test is to have its time.
	[ -z "${ROUNDS:-}" ] || options+=(--threads)
fi

take_slot
builds_quietly "samples and drivers build" "$work/build" make -j"$jobs" modules
builds_quietly "the drivers of tests/boot build" "$work/build" make -j"$jobs" M="$PWD/tests/boot" OUT="$out/tests"
give_slot

# boots SCRIPT..: prints what there is to boot, in the form NAME DIRECTORY MODULE.
boots() {
	local script directory name module
	for script; do
		directory=$(dirname "$script")
		name=$(basename "$directory")
		case $directory in
		tests/boot/*) module=tests/$name ;;
		*) module=$name ;;
		esac
		[ -e "$directory/Kbuild" ] || module=$(sed -n 's/^# tests: *//p' "$script")
		[[ " ${BOOTS:-$name} " != *" $name "* ]] || printf '%s %s %s\n' "$name" "$directory" "$module"
	done
}

# guest GUEST NAME..: boots one with these, in a shell of its own, whose processes are counted; leaves its log, status and
# times in $work, in files called GUEST.
guest() (
	local guest=$1 status=0 start name words=()
	shift
	for name; do
		words+=(--and "${directories[$name]}" "$out/${modules[$name]}.ko")
	done
	take_slot --spare
	start=$SECONDS
	scripts/run-sample "${words[@]:1}" "${options[@]}" >"$work/$guest.log" 2>&1 </dev/null || status=$?
	times >"$work/$guest.times"
	printf '%d %d %d\n' "$status" $((SECONDS - start)) "$(cpu_seconds "$work/$guest.times")" >"$work/$guest.result"
)

boots drivers/*/*/boot samples/*/boot tests/boot/*/boot | sort >"$work/all"
declare -A directories modules
: >"$work/machines"
while read -r name directory module; do
	needs=$(sed -n 's/^# needs: *//p' "$directory/boot")
	if [ -z "$needs" ] || grep -q "^$needs=" "$kdir/include/config/auto.conf"; then
		directories[$name]=$directory
		modules[$name]=$module
		takes=$(sed -n 's/^# takes: *\([0-9]*\) s$/\1/p' "$directory/boot")
		{ scripts/run-sample --machine "$directory" && echo; } | sed "s/^/$name\t${takes:-5}\t/" >>"$work/machines"
	else
		report 0 "$name # SKIP this kernel has no $needs"
	fi
done <"$work/all"

# With ROUNDS=all each takes so long that none should wait for another.
awk -v what=pack -v most="${ROUNDS:+1}" -v kernel="$kernel" -f scripts/machines.awk "$work/machines" | sort -rn >"$work/guests"

# boot_all FILE: boots the guests of its lines, "SECONDS NAME..", some at a time. A guest is known by its first name.
boot_all() {
	local names
	while read -r _ names; do
		[ "$(jobs -rp | wc -l)" -lt "$guests" ] || wait -n
		# shellcheck disable=SC2086 # names without spaces
		guest "${names%% *}" $names &
	done <"$1"
	wait
}

boot_all "$work/guests"

# An emulator has faults of its own (see `--one-thread` in scripts/boot), and one script may be in the way of the next. Who
# was in a guest that failed, and had not passed by then, is booted once more, alone; that it failed first is part of the
# result, and its log stays.
mkdir -p build/test
: >"$work/again"
while read -r _ names; do
	log=$work/${names%% *}.log
	read -r status seconds cpu <"${log%.log}.result"
	printf '# a guest for %s: %d s, CPU %d s\n' "$names" "$seconds" "$cpu"
	for name in $names; do
		if [ "$status" -eq 0 ] || grep -q "sample '$name' passed" "$log"; then
			took=$(sed -n "s/^$name took \([0-9]*\) s$/\1/p" "$log")
			report 0 "$name (${took:-$seconds} s)"
		else
			cp "$log" "build/test/boot-$kernel-$name.first.log"
			printf '%d %s\n' "$seconds" "$name" >>"$work/again"
		fi
	done
done <"$work/guests"

boot_all "$work/again"
while read -r _ name; do
	read -r status seconds _ <"$work/$name.result"
	report "$status" "$name ($seconds s at the second attempt, the first failed: build/test/boot-$kernel-$name.first.log)" \
		"$work/$name.log"
done <"$work/again"
finish
