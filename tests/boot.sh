#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Boots drivers in QEMU: each directory of tests/boot, each driver, each sample. Scripts whose
# devices fit into one machine share a guest (see scripts/machines.awk), so a script leaves its
# machine as it was. Up to two guests for each processor run at a time. On other kernels than the
# debug kernel, guests take the slots that scripts/test has, beside other suites.
#
#     KERNEL=debug               this kernel instead of the stock kernel; also 7.3, debug-7.3, ..
#     BOOTS="pci_irq usb_order"  these scripts alone
#     ROUNDS=all                 all rounds of a step, not only as many as there is time for
#
# Lines at the head of a `boot` script:
#
#     # tests: MODULE      the module of the tree that a directory without a Kbuild tests
#     # needs: CONFIG_X    skips the script on a kernel without this option
#     # takes: N s         how long the script takes on the debug kernel, if that is more than five
#                          seconds; so all guests get about the same time

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
[0-9]*)
	need_series "$kernel"
	options=(--kernel "$kernel")
	;;
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
if [[ $kernel == debug* ]]; then
	# Guests of the debug kernel wait for two thirds of the time: for memory that is freed late,
	# and until leaks are old enough. So they take no slots. Their build takes none either, so
	# that the longest of all suites begins at once.
	unset LIFEBOUND_SLOTS
	# These guests have one thread of the host for all their processors, unless each test is to
	# have its time.
	[ -z "${ROUNDS:-}" ] || options+=(--threads)
fi

take_slot
builds_quietly "samples and drivers build" "$work/build" make -j"$jobs" modules
builds_quietly "the drivers of tests/boot build" "$work/build" make -j"$jobs" M="$PWD/tests/boot" OUT="$out/tests"
# Since 6.13 Kbuild names the files of a driver in a directory of its own in another way than those
# of several directories.
[[ $kernel != [0-9]* ]] ||
	builds_quietly "a driver alone builds" "$work/build" make M="$PWD/samples/spi_flash" OUT="$work/alone"
give_slot

# Whether modules call back from the driver core's hook follows from the headers. Linux 7.2 and
# later have it as it is, and only the patch to 6.12 has the symbol that says so.
hook=0 marker=0
[ "$(version_number "$release")" -lt "$(version_number 7.2)" ] || hook=1
[[ $release != 6.12.*-lifebound* ]] || hook=1 marker=1
nm "$out/pci_testdev.ko" >"$work/symbols"
check "the core's hook is used where the kernel has it ($hook), with a marker where it is a patch ($marker)" \
	test "$(grep -c ' t _R.*post_unbind' "$work/symbols") $(grep -c lifebound_post_unbind_marker "$work/symbols")" = "$hook $marker"

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

# guest GUEST NAME..: boots a guest with these scripts. Runs in a shell of its own, because the CPU
# time of the shell's processes is counted. Leaves log, status and times in $work, in files called
# GUEST.
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
awk -v what=pack -v most="${ROUNDS:+1}" -v kernel="${kernel%-[0-9]*}" -f scripts/machines.awk "$work/machines" | sort -rn >"$work/guests"

# boot_all FILE: boots a guest for each line "SECONDS NAME..", some at a time. The first name is the
# guest's name.
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

# An emulator has faults of its own (see `--one-thread` in scripts/boot), and one script may disturb
# the next. If a guest fails, each of its scripts that has not passed is booted once more, alone.
# The result says that the script failed first, and its first log stays.
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
