#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Drivers in QEMU: each directory of tests/boot, each driver, and, except on the debug kernel, each sample. Those whose
# devices fit into one machine share guests (see scripts/machines.awk), so a script leaves its machine as it was. A guest
# for each processor, and at least two, run at a time, beside other suites if scripts/test has slots for them; of the debug
# kernel three times as many. On the stock kernel, or on the one that KERNEL names (make test TESTS=boot KERNEL=debug).
# BOOTS="pci_irq usb_order" runs these alone; ROUNDS=all repeats what is to be repeated as often as it takes, not as often
# as there is time for.
#
# A directory of tests/boot without a Kbuild is for a module of the tree, which it names: `# tests: MODULE` in `boot`. With
# a line `# needs: CONFIG_X` it is skipped on kernels without that.

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
guests=$(workers)
if [ "$kernel" = debug ]; then
	# For two thirds of the time they wait: for what is freed late, and for leaks to be old enough. So they take no slots;
	# nor does their build, so that the longest of all suites begins at once.
	guests=$((3 * guests))
	unset LIFEBOUND_SLOTS
	# And with a thread of the host for each of its processors, one would spin for a lock that another, which the host
	# does not run, holds: a fourth more. The other kernels, and ROUNDS=all, have the threads.
	[ -n "${ROUNDS:-}" ] || options+=(--one-thread)
fi

take_slot
builds_quietly "samples and drivers build" "$work/build" make -j"$jobs" modules
mkdir -p "$out/tests"
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

# weight NAME DIRECTORY: how long it took last time, or else how much time it has.
weight() {
	sed -n "s/^$1 //p" "$times" 2>/dev/null | grep . || grep -oE -- '--timeout [0-9]+' "$2/boot" | cut -d ' ' -f 2 | grep . || echo 120
}

# guest NUMBER NAME..: boots one with these, in a shell of its own, whose processes are counted; leaves its log, status
# and times in $work.
guest() (
	local number=$1 status=0 start name words=()
	shift
	for name; do
		words+=(--and "${directories[$name]}" "$out/${modules[$name]}.ko")
	done
	take_slot
	start=$SECONDS
	scripts/run-sample "${words[@]:1}" "${options[@]}" >"$work/$number.log" 2>&1 </dev/null || status=$?
	times >"$work/$number.times"
	printf '%d %d %d\n' "$status" $((SECONDS - start)) "$(cpu_seconds "$work/$number.times")" >"$work/$number.result"
)

times=build/test/boot-times-$kernel
scripts=(drivers/*/*/boot tests/boot/*/boot)
# What samples use is tested by others, and a guest of the debug kernel takes long.
[ "$kernel" = debug ] || scripts+=(samples/*/boot)
boots "${scripts[@]}" | sort >"$work/all"
declare -A directories modules
: >"$work/machines"
while read -r name directory module; do
	needs=$(sed -n 's/^# needs: *//p' "$directory/boot")
	if [ -z "$needs" ] || grep -q "^$needs=" "$kdir/include/config/auto.conf"; then
		directories[$name]=$directory
		modules[$name]=$module
		{ scripts/run-sample --machine "$directory" && echo; } |
			sed "s/^/$name\t$(weight "$name" "$directory")\t/" >>"$work/machines"
	else
		report 0 "$name # SKIP this kernel has no $needs"
	fi
done <"$work/all"

awk -v what=pack -v kernel="$kernel" -f scripts/machines.awk "$work/machines" | sort -rn >"$work/guests"
mapfile -t queue <"$work/guests"
for number in "${!queue[@]}"; do
	[ "$(jobs -rp | wc -l)" -lt "$guests" ] || wait -n
	read -r _ names <<<"${queue[number]}"
	# shellcheck disable=SC2086 # names without spaces
	guest "$number" $names &
done
wait

# An emulator has faults of its own (see `--one-thread` in scripts/boot), and one script may be in the way of the next. What
# was in a guest that failed is booted once more, each alone; that it failed first is part of the result, and its log stays.
mkdir -p build/test
for number in "${!queue[@]}"; do
	read -r _ names <<<"${queue[number]}"
	read -r status seconds cpu <"$work/$number.result"
	printf '# a guest for %s: %d s, CPU %d s\n' "$names" "$seconds" "$cpu"
	for name in $names; do
		log=$work/$number.log again='' result=$status
		if [ "$status" -ne 0 ]; then
			first=build/test/boot-$kernel-$name.first.log
			again=" at the second attempt, the first failed: $first"
			cp "$log" "$first"
			guest "$name" "$name"
			read -r result seconds _ <"$work/$name.result"
			log=$work/$name.log
		fi
		took=$(sed -n "s/^$name took \([0-9]*\) s$/\1/p" "$log")
		report "$result" "$name (${took:-$seconds} s$again)" "$log"
		printf '%s %d\n' "$name" "${took:-$seconds}" >>"$work/new-times"
	done
done
[ -n "${BOOTS:-}" ] || cp "$work/new-times" "$times"
finish
