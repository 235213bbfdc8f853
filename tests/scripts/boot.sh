#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# scripts/boot on the stock kernel: what goes into the guest, what comes out, and that each way for
# a boot to fail has its own status. Two guests run at a time.

set -euo pipefail
here=$(dirname -- "$(readlink -f -- "$0")")
# shellcheck source=tests/scripts/tap.sh
. "$here/tap.sh"
scripts=$here/../../scripts
boot=$scripts/boot

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
export TMPDIR=$scratch/tmp
mkdir -p -- "$TMPDIR"

command -v qemu-system-x86_64 >/dev/null || skip_all "no qemu-system-x86_64 on this machine"
if ! kernel=$("$scripts/fetch-kernel" stock 2>"$scratch/fetch"); then
	skip_all "no stock kernel: $(tail -n 1 "$scratch/fetch")"
fi
modules=$(tail -n 1 <<<"$kernel")

# start NAME ARGUMENT...: a boot in the background, with its output in files called NAME.
start() {
	local name=$1
	shift
	(
		status=0
		"$boot" "$@" >"$scratch/$name.out" 2>"$scratch/$name.err" </dev/null || status=$?
		cat -- "$scratch/$name.out" "$scratch/$name.err" >"$scratch/$name"
		echo "$status" >"$scratch/$name.status"
	) &
}

# result NAME: sets `status` to that of the boot.
result() {
	status=$(cat -- "$scratch/$1.status")
}

# refused NAME STATUS REGEX ARGUMENT...: a boot that must fail before anything runs.
refused() {
	local name=$1 wanted=$2 regex=$3
	shift 3
	run_into "$scratch/refused" "$boot" "$@"
	says "$name" "$wanted" "$scratch/refused" "$regex"
}

# --- the guests -------------------------------------------------------------------------------

echo "from the host" >"$scratch/text"
xz -dc -- "$modules"/kernel/drivers/i2c/i2c-stub.ko.xz >"$scratch/i2c-stub.ko"
# The script of the guest that everything works in. Its status must come through.
cat >"$scratch/script" <<'EOF'
#!/bin/sh
echo "user $(id -u), pid of the parent $PPID, here $PWD"
echo "file: $(cat text) $(cat /etc/deep/er)"
echo "mounts: $(awk '{ printf "%s ", $2 }' /proc/mounts)"
echo "it's \"quoted\" $1"
printf '\033[31mred\033[0m\r\n'
echo "<6>first" >/dev/kmsg; echo second; echo "<7>third" >/dev/kmsg; echo fourth
ls "$MODULES"
insmod "$MODULES/i2c-stub.ko" chip_addr=0x50 && lsmod | grep '^i2c_stub' && rmmod i2c_stub
modprobe i2c-stub chip_addr=0x51 && echo "by name" && rmmod i2c_stub
modprobe "$(cat /sys/bus/pci/devices/0000:00:1f.3/modalias)" && echo "by alias: $(ls /sys/bus/pci/drivers | grep i801)"
host-monitor 'info name'
echo "monitor: $?"
host-monitor 'device_del nothing'
echo "monitor: $?"
host-monitor 'info version' | grep -q '^[0-9]' && echo "version seen"
[ -e /sys/bus/pci/devices/0000:01:00.0 ] && echo "plugged"
host-monitor 'device_del plug'
echo "monitor: $?"
[ -e /sys/bus/pci/devices/0000:01:00.0 ] || echo "unplugged"
nproc
grep -o ' extra=1' /proc/cmdline
echo "counter: $(dmesg | sed -n 's/.*tsc: Detected \([0-9]*\)\.\([0-9]*\) MHz.*/\1\2/p' | tail -n 1)" \
	"$(sed -n 's/.* tsc_early_khz=\([0-9]*\).*/\1/p' /proc/cmdline)"
exit 3
EOF
start good --module "$scratch/i2c-stub.ko" --kernel-module i2c-i801 --file "$scratch/text" \
	--file "$scratch/text:/etc/deep/er" --append extra=1 --smp 2 --device pcie-root-port,id=rp,chassis=1 \
	--qemu-arg -name --qemu-arg guest1 --device edu,id=plug,bus=rp --script "$scratch/script"
start warned -- sh -c 'echo "<4>WARNING: CPU: 0 PID: 1 at foo.c:1 bar+0x0" >/dev/kmsg'
wait
start early --append rdinit=/missing --append root=/dev/missing --timeout 60 -- true
start panicked -- sh -c 'echo c >/proc/sysrq-trigger'
start ended -- sh -c 'echo "it'\''s over"; reboot -f'
wait
# The kernel can be told that it warned; nothing of that is on the console.
start tainted -- sh -c 'echo 512 >/proc/sys/kernel/tainted; echo "WARNING: the script says so"'
start hidden -- sh -c 'dmesg -n 1; echo "<4>WARNING: CPU: 0 PID: 1 at foo.c:2 bar+0x0" >/dev/kmsg; dmesg -n 8'
wait
start late --timeout 3 -- sleep 1000
wait

# --- what came out ----------------------------------------------------------------------------

test_good() {
	result good
	says "the script's status and its files come through" 3 "$scratch/good" \
		'^user 0, pid of the parent 1, here /root$' '^file: from the host from the host$' \
		'mounts: .*/proc .*/sys .*/sys/kernel/debug' "^it's \"quoted\" $" \
		'boot: the script failed with status 3'
	says "the console has no escape codes and no carriage returns" 3 "$scratch/good" '^red$'
	check "and nothing from before the script" \
		test "$(grep -c -e SeaBIOS -e 'Linux version' -e 'Run /init' "$scratch/good.out")" = 0
	check "lines of the script and of the kernel are in order" test \
		"$(grep -o -E -e '(first|second|third|fourth)$' "$scratch/good.out" | tr '\n' ' ')" = \
		'first second third fourth '
	says "a module is in \$MODULES, and modprobe finds it by name" 3 "$scratch/good" '^i2c-stub\.ko$' \
		'^i2c_stub +[0-9]+' '^by name$'
	says "modprobe finds a module of the kernel by alias" 3 "$scratch/good" '^by alias: i801_smbus$'
	says "host-monitor passes a command on, and its answer back" 3 "$scratch/good" '^guest1$' \
		'^monitor: 0$' '^version seen$'
	says "host-monitor reports a refusal" 3 "$scratch/good" "Error: Device 'nothing' not found" '^monitor: 1$'
	says "device_del waits until the device is gone" 3 "$scratch/good" '^plugged$' '^unplugged$'
	says "--smp and --append reach the kernel" 3 "$scratch/good" '^2$' '^ extra=1$'
	says "the guest's clock is told, not measured" 3 "$scratch/good" '^counter: ([0-9]{6,}) \1$'
}

test_failures() {
	result warned
	says "a warning of the kernel fails a boot whose script succeeded" 70 "$scratch/warned" \
		"> .*WARNING: CPU: 0 PID: 1 at foo.c:1" "the script's status: 0"
	result early
	says "a kernel that dies before the script is booted once more, and no more often" 70 "$scratch/early.err" \
		'died before the script began \(Kernel panic.*once more' 'Unable to mount root'
	check "... which is said once" test "$(grep -c 'once more' "$scratch/early.err")" = 1
	result panicked
	says "a panic has the status of a report, and its trace is shown again" 70 "$scratch/panicked.err" \
		'> .*Kernel panic - not syncing: sysrq' 'sysrq_handle_crash' "the script's status: none"
	result ended
	says "a guest that ends without a status" 71 "$scratch/ended" "^it's over$" 'without a status'
	result tainted
	says "a fault that only the taint shows" 70 "$scratch/tainted" 'tainted by a fault .*512'
	check "is not mistaken for a report" test "$(grep -c '^  >' "$scratch/tainted.err")" = 0
	result hidden
	says "a report that the console did not show" 70 "$scratch/hidden" "> .*WARNING: CPU: 0 PID: 1 at foo.c:2" \
		"the script's status: 0"
	check "is taken from the log" test "$(grep -c 'foo.c:2' "$scratch/hidden.out")" = 0
	result late
	says "a guest that never ends is ended, and its last lines are shown" 124 "$scratch/late" \
		'the last lines of the console' 'the time of 3 s was up' '--timeout'
}

test_refusals() {
	local object=$scratch/other.ko
	refused "no script" 2 'neither --script nor a command'
	refused "a script that does not exist" 2 "no readable script at 'none'" --script none
	refused "an unknown option" 2 "unknown option '--wrong'" --wrong 1 -- true
	refused "a time that is none" 2 "'soon' is not a positive number" --timeout soon -- true
	refused "a module that was not built" 2 "no module at 'x.ko'; was it built" --module x.ko -- true
	refused "an ACPI table that was not written" 2 "no source of an ACPI table at 'x.asl'" --acpi x.asl -- true
	refused "an ACPI table that is none" 2 "iasl cannot compile" --acpi "$scratch/text" -- true
	refused "a model that was not written" 2 "no source of a model at 'x.c'" --model x.c:31 -- true
	refused "a model without devices" 2 "no numbers after the model 'x.c'" --model x.c -- true
	refused "a model that is none" 2 "text.*' does not compile" --model "$scratch/text:31" -- true
	refused "a file that is no module" 2 'is not a kernel module' --module "$scratch/text" -- true
	refused "a module of the kernel that does not exist" 2 "has no module 'nonsense'" \
		--kernel-module nonsense -- true
	refused "a kernel that does not exist" 2 "no readable kernel image at './none'" --kernel ./none -- true
	refused "a device that QEMU does not know" 69 "QEMU failed" --device nonsense -- true
	check "its message is shown" grep -q "'nonsense' is not a valid device" "$scratch/refused"
	printf 'vermagic=6.99.0-other SMP\0name=other\0' >"$scratch/modinfo"
	printf 'char c;' | gcc -c -x c - -o "$object"
	objcopy --add-section ".modinfo=$scratch/modinfo" "$object"
	refused "a module of another kernel" 2 "is built for 6.99.0-other, the kernel is [0-9]+\.[0-9]+\.[0-9]+[^ ]*$" \
		--kernel "$(head -n 1 <<<"$kernel")" --module "$object" -- true
}

# test_threads: tests how many threads of the host emulate the processors. QEMU refuses to start,
# and its options are shown.
test_threads() {
	local one='It ran: .* -accel tcg,thread=single ' many='It ran: .* -accel tcg -cpu '
	local debug=("--kernel" "$scratch/vmlinux-debug" --device nonsense) stock=(--device nonsense)
	printf 'Linux version 6.12.1-some-debug (nobody)\n' >"$scratch/vmlinux-debug"
	refused "a debug kernel's processors share a thread" 69 "$one" "${debug[@]}" -- true
	refused "... unless it is asked for threads" 69 "$many" "${debug[@]}" --threads -- true
	refused "... but one thread prevails" 69 "$one" --one-thread "${debug[@]}" --threads -- true
	refused "... whichever is named first" 69 "$one" --threads "${debug[@]}" --one-thread -- true
	refused "the processors of another kernel have a thread each" 69 "$many" "${stock[@]}" -- true
	refused "... unless it is asked for one" 69 "$one" "${stock[@]}" --one-thread -- true
}

# find_qemu: prints the process of a QEMU that one of these boots has started. Some machines lack
# pgrep.
find_qemu() {
	local file
	for file in /proc/[0-9]*/cmdline; do
		if tr '\0' ' ' 2>/dev/null <"$file" | grep -q "^qemu-system-x86_64 .*$TMPDIR/"; then
			basename -- "${file%/cmdline}"
			return
		fi
	done
	return 1
}

# test_interrupt: a boot that is told to end leaves neither processes nor files behind.
test_interrupt() {
	local pid qemu='' tries=0
	"$boot" -- sleep 1000 >"$scratch/interrupted" 2>&1 </dev/null &
	pid=$!
	until qemu=$(find_qemu) || [ "$tries" -ge 100 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	# Twice, as from an impatient user.
	kill -TERM "$pid"
	kill -TERM "$pid" || true
	run_into "$scratch/wait" wait "$pid"
	says "a boot that is told to end does so" 143 "$scratch/wait"
	check "it had started QEMU" test -n "$qemu"
	check "and ended it" test -z "$(find_qemu)"
	check "no boot left files behind" test -z "$(ls -A "$TMPDIR")"
}

test_good
test_failures
test_refusals
test_threads
test_interrupt
finish
