#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# What scripts/boot takes for a kernel's report of a bug, what it does not, and what it shows of the
# console. Needs no boot.

set -euo pipefail
here=$(dirname -- "$(readlink -f -- "$0")")
# shellcheck source=tests/scripts/tap.sh
. "$here/tap.sh"
parts=$here/../../scripts/boot.d

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
out=$scratch/out

# bug TEXT: good if TEXT, as a kernel message, counts as a report.
bug() {
	local status=0
	printf '[    1.000000] calm\n[    2.123456] %s\n' "$1" | awk -f "$parts/reports.awk" >"$out" ||
		status=$?
	check "a report: ${1//$'\n'/, }" test "$status" -eq 1
}

# calm LINE: good if LINE, as it stands, does not count as one.
calm() {
	local status=0
	printf '%s\n' "$1" | awk -f "$parts/reports.awk" >"$out" || status=$?
	check "not a report: ${1//$'\n'/, }" test "$status" -eq 0 -a ! -s "$out"
}

bug 'WARNING: CPU: 0 PID: 1 at drivers/x.c:12 probe+0x10/0x20 [x]'
bug 'WARNING: possible circular locking dependency detected'
bug 'WARNING: suspicious RCU usage'
bug '------------[ cut here ]------------'
bug 'BUG: KASAN: slab-use-after-free in probe+0x10/0x20 [x]'
bug 'BUG: unable to handle page fault for address: 0000000000001000'
bug 'BUG: kernel NULL pointer dereference, address: 0000000000000000'
bug 'BUG: scheduling while atomic: insmod/77/0x00000002'
bug 'BUG: sleeping function called from invalid context at mm/slab.h:1'
bug 'BUG kmalloc-64 (Tainted: G           O): Poison overwritten'
bug 'kernel BUG at drivers/x.c:12!'
bug 'watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [insmod:77]'
bug 'Oops: general protection fault, probably for non-canonical address 0xdead000000000100'
bug 'Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000000'
bug 'UBSAN: array-index-out-of-bounds in drivers/x.c:12:3'
bug 'KFENCE: use-after-free'
bug 'traps: Missing ENDBR: probe+0x0/0x20 [x]'
bug 'refcount_t: underflow; use-after-free.'
bug "sysfs: cannot create duplicate filename '/bus/pci/drivers/x'"
bug 'kobject: kobject_add_internal failed for x with -EEXIST'
bug 'list_del corruption. prev->next should be ffff, but was 0000'
bug 'rcu: INFO: rcu_preempt self-detected stall on CPU'
bug 'rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:'
bug 'INFO: task insmod:77 blocked for more than 30 seconds.'
bug 'INFO: trying to register non-static key.'
bug 'kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)'
bug $'lifebound: 3 leaks are expected
[    3.000000] kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)
[    4.000000] kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)'
bug $'kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)
[    4.000000] lifebound: 3 leaks are expected'
bug $'lifebound: 1 panics are expected
[    3.000000] ------------[ cut here ]------------
[    3.000000] kernel BUG at mm/slub.c:448!
[    3.000000] Oops: invalid opcode: 0000 [#1] PREEMPT SMP'
bug $'lifebound: 1 panics are expected
[    3.000000] ------------[ cut here ]------------
[    3.000000] WARNING: CPU: 0 PID: 1 at drivers/x.c:12 probe+0x10/0x20 [x]'
bug $'lifebound: 1 panics are expected
[    3.000000] ------------[ cut here ]------------
[    3.000000] kernel BUG at rust/helpers/bug.c:16!
[    3.000000] ---[ end trace 0000000000000000 ]---
[    4.000000] ------------[ cut here ]------------
[    4.000000] kernel BUG at rust/helpers/bug.c:16!'
bug $'lifebound: 1 panics are expected
[    3.000000] ------------[ cut here ]------------
[    3.000000] kernel BUG at rust/helpers/bug.c:16!
[    3.000000] BUG: KASAN: slab-use-after-free in probe+0x10/0x20 [x]'
bug $'lifebound: 1 panics are expected
[    3.000000] ------------[ cut here ]------------'
bug $'------------[ cut here ]------------
[    3.000000] kernel BUG at rust/helpers/bug.c:16!'
bug 'irq 11: nobody cared (try booting with the "irqpoll" option)'
bug 'DMA-API: pci 0000:00:04.0: device driver frees DMA memory with wrong function'

# The guest tells how many leaks there may be; each scan reports those that are new.
calm $'[    1.000000] lifebound: 3 leaks are expected
[    2.000000] kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)
[    3.000000] kmemleak: 1 new suspected memory leaks (see /sys/kernel/debug/kmemleak)'
# And how many threads are to end in a panic.
calm $'[    1.000000] lifebound: 1 panics are expected
[    2.000000] ------------[ cut here ]------------
[    2.000000] kernel BUG at /home/x/rust/helpers/bug.c:16!
[    2.000000] Oops: invalid opcode: 0000 [#1] PREEMPT SMP PTI
[    2.000000] ---[ end trace 0000000000000000 ]---'
calm 'WARNING: CPU: 0 PID: 1 at foo.c:1, but the script printed it'
calm '[    2.123456] [U] WARNING: CPU: 0 PID: 1 at foo.c:1 bar+0x0'
calm '[    2.123456][   T77] [U] BUG: KASAN: slab-use-after-free'
calm '[    2.123456] x 0000:00:04.0: no BUG: all is well, and no WARNING: either'
calm '[    2.123456] DEBUG: probe'
calm '[    2.123456] rcu: Hierarchical RCU implementation.'
calm '[    2.123456] NMI watchdog: Perf NMI watchdog permanently disabled'
calm '[    2.123456] DMA-API: preallocated 65536 debug entries'
calm '[    2.123456] DMA-API: debugging enabled by kernel config'
calm '[    2.123456] kmemleak: Kernel memory leak detector initialized'

# What is shown of a report.
{
	for i in 1 2 3 4; do echo "[    1.00000$i] before $i"; done
	echo '[    2.000000][   T77] ------------[ cut here ]------------'
	echo '[    2.000001][   T77] WARNING: CPU: 0 PID: 1 at x.c:1 f+0x0'
	echo '[    2.000002][   T77] Call Trace:'
	echo '[    2.000003][   T77] ---[ end trace 0000000000000000 ]---'
	echo '[    3.000000] after'
} >"$scratch/log"
run_into "$out" awk -f "$parts/reports.awk" "$scratch/log"
says "a report is shown from two lines before it to its end" 1 "$out" 'before 3' 'before 4' \
	'> .*cut here' '> .*WARNING' 'Call Trace' 'end trace'
check "and nothing else is" test "$(grep -c -e 'before 2' -e after "$out")" = 0

# What is shown of the console.
{
	echo '[    1.000000] early'
	echo '[    2.000000] lifebound: the script starts'
	echo '[    3.000000] [U] from the script'
	echo '[    3.000000][   T77] [U] reboot: from the script too'
	echo '[    4.000000] x: probed'
	echo '[    5.000000] lifebound: the script ended'
	echo '[    5.000001] x: shut down'
	echo '[    6.000000] reboot: Restarting system'
} >"$scratch/log"
printf '%s\n' 'from the script' 'reboot: from the script too' '[    4.000000] x: probed' \
	'[    5.000001] x: shut down' >"$scratch/wanted"
sed -n -E -f "$parts/present.sed" "$scratch/log" >"$out"
check "the console is shown from the script on, without marks" cmp -s "$scratch/wanted" "$out"
finish
