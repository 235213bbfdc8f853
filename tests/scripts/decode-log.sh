#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# scripts/decode-log, and what scripts/boot shows of a report: names and lines of the source, for a
# log that is saved beside this file, and for a driver that panics.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# A log of a module that is not there.
log=tests/scripts/decode-log.txt
run_into "$work/names" scripts/decode-log --log "$log"
says "names of Rust are shown as the source has them" 0 "$work/names" \
	' in <panic_names::Table>::after_the_end: index out of bounds' \
	'^\[   14.693432\]  <panic_names::Table>::after_the_end\+0x14/0x20 \[panic_names\]$' \
	'<panic_names::Command as kernel::miscdevice::registration::MiscDevice>::write_iter\+0xa2/0x1b0'
check "... and nothing else is changed" test "$(grep -c . "$work/names")" = "$(grep -c . "$log")"
check "... of C's" diff <(grep -v _R "$log") <(grep -vE '::' "$work/names")
run_into "$work/make" make --no-print-directory decode LOG="$log"
check "make decode shows the same" cmp "$work/make" "$work/names"
# What to do about a report, below its first line.
while IFS='|' read -r report advice; do
	printf '[   14.693432] calm\n[   14.693433] %s\n[   14.693434] more of it\n' "$report" >"$work/report"
	scripts/decode-log --log "$work/report" >"$work/advised"
	check "advice: $report" sh -c "sed -n 3p '$work/advised' | grep -q '^            = to do: .*$advice' && [ \$(wc -l <'$work/advised') = 4 ]"
done <<'END'
BUG: sleeping function called from invalid context at kernel/locking/mutex.c:585|handle_threaded()
BUG: scheduling while atomic: swapper/0/0/0x00010001|SpinLockIrq or an Atomic
[ BUG: Invalid wait context ]|nothing may sleep
WARNING: inconsistent lock state|new_spinlock_irq!
WARNING: possible irq lock inversion dependency detected|has to be a SpinLockIrq
WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected|has to be a SpinLockIrq
WARNING: possible recursive locking detected|drop its guard first
WARNING: possible circular locking dependency detected|two orders
END
run_into "$work/none" scripts/decode-log --log "$work/no-log"
says "a log that is not there" 2 "$work/none" "no readable log at '$work/no-log'"
run_into "$work/none" scripts/decode-log --log "$log" "$work/no.ko"
says "a module that is not there" 2 "$work/none" "no module at '$work/no.ko'"
run_into "$work/none" make decode
says "make decode without a log" 2 "$work/none" 'decode needs LOG='

driver=tests/boot/panic_names
run_into "$work/build" make M="$PWD/$driver" OUT="$work/out"
report "$status" "a driver that panics builds" "$work/build"
# A module of another build: this one's function is shorter.
sed 's/after_the_end+0x14/after_the_end+0xf14/; s/0x20 \[/0xf20 [/' "$log" >"$work/longer"
run_into "$work/other" scripts/decode-log --log "$work/longer" "$work/out"
check "no line is shown for an address that is not in the function" sh -c "! grep -A 1 '0xf14' '$work/other' | grep -q ' at '"

# shellcheck disable=SC2016 # for the guest
scripts/boot --module "$work/out/panic_names.ko" -- \
	sh -c 'insmod $MODULES/panic_names.ko; until-there /dev/panic_names; echo index >/dev/panic_names' \
	>"$work/saved" 2>"$work/shown" && status=0 || status=$?
line=$(sed -n '/self.0\[self.0.len()\]/=' $driver/panic_names.rs)
caller=$(sed -n '/Table(text).after_the_end()/=' $driver/panic_names.rs)
says "scripts/boot shows the lines of a panic" 70 "$work/shown" \
	"^ +<panic_names::Table>::after_the_end at $driver/panic_names.rs:$line\$" \
	"^ +<panic_names::Command as .*MiscDevice>::write_iter at $driver/panic_names.rs:$caller\$"
check "... of which the console has nothing" sh -c "! grep -q ' at $driver' '$work/saved' && grep -q '_RNv.*13after_the_end' '$work/saved'"
run_into "$work/decoded" make decode LOG="$work/saved" M="$PWD/$driver" OUT="$work/out"
says "make decode shows them in a log that was saved" 0 "$work/decoded" \
	"^ +<panic_names::Table>::after_the_end at $driver/panic_names.rs:$line\$" \
	"panic_names: panicked at panic_names.rs:$line:[0-9]+ in <panic_names::Table>::after_the_end: index out of bounds"
finish
