#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# scripts/run-sample, with a stand-in for scripts/boot that prints a given console.

set -euo pipefail
here=$(dirname -- "$(readlink -f -- "$0")")
# shellcheck source=tests/scripts/tap.sh
. "$here/tap.sh"

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
out=$scratch/out
mkdir -p -- "$scratch/scripts" "$scratch/samples/x"
cp -- "$here"/../../scripts/{run-sample,lib.sh,machines.awk} "$scratch/scripts/"
cat >"$scratch/scripts/boot" <<'EOF'
#!/bin/sh
echo "arguments: $*" >&2
for script; do :; done
sed 's/^/script: /' "$script" >&2
printf '%b' "$CONSOLE"
exit "${STATUS:-0}"
EOF
chmod +x "$scratch/scripts/boot"
cat >"$scratch/samples/x/boot" <<'EOF'
#!/bin/sh
# boot-args: --device pci-testdev,membar=4K
# boot-args: --smp 1 --acpi @x.asl
# expect: probed [x]
# expect: gone
insmod "$MODULES/x.ko"
EOF

# sample CONSOLE STATUS: runs the sample with that console.
sample() {
	run_into "$out" env CONSOLE="$1" STATUS="$2" "$scratch/scripts/run-sample" x x.ko --kvm
}

sample 'x: probed [x]\nother\nx: gone\n' 0
says "all texts in order" 0 "$out" \
	"arguments: --module x.ko --device pci-testdev,membar=4K --smp 1 --acpi .*/samples/x/x.asl --file .*samples/x/boot:root/x/boot --timeout 120 --kvm --script [^ ]*$" \
	'x: probed \[x\]' 'other'
sample 'x: gone\nx: probed [x]\n' 0
says "texts in another order" 1 "$out" 'not seen: "gone" \(line 5' 'seen before it: "probed \[x\]"' '1 of 2'
sample 'x: probed [x], gone\n' 0
says "one line does not count twice" 1 "$out" 'not seen: "gone"'
sample 'x: probed x\nx: gone\n' 0
says "a text is no pattern" 1 "$out" 'not seen: "probed \[x\]"'
sample '' 0
says "an empty console" 1 "$out" '0 of 2'
sample 'x: probed [x]\nx: gone\n' 70
says "the status of a failed boot is passed on" 70 "$out" "ended with status 70"
sample 'x: probed [x]\n' 124
says "a failed boot with a text missing" 124 "$out" 'not seen: "gone"' "ended with status 124"

mkdir "$scratch/samples/lib"
sample 'x: probed [x]\nx: gone\n' 0
says "what samples share goes along" 0 "$out" "--file .*lib:root/x/lib .*--script"

mkdir "$scratch/y"
cat >"$scratch/y/boot" <<'EOF'
# boot-args: --acpi @y.asl --device pci-testdev,membar=4K --timeout 30
# boot-args: --smp 1 --kernel-module thing
# module: more
# module: ../build/more
# leaks: 2 things
# expect: gone
EOF
two() {
	run_into "$out" env CONSOLE="$1" STATUS=0 "$scratch/scripts/run-sample" x build/x.ko --and "$scratch/y" build/y.ko --kvm
}
begins='run-sample begins'
two "$begins x\nprobed [x]\ngone\n$begins y\ngone\n"
says "two in a guest" 0 "$out" \
	"arguments: --module build/x.ko --device pci-testdev,membar=4K --smp 1 --acpi .*/samples/x/x.asl --file .*samples/x/boot:root/x/boot.* --module build/y.ko --module build/more.ko --acpi .*/y/y.asl --kernel-module thing --file .*y/boot:root/y/boot --timeout 150 --kvm --script" \
	'^script: # leaks: 2 things' '^script: run x$' '^script: run y$' "'x' passed" "'y' passed"
two "$begins x\nprobed [x]\n$begins y\ngone\ngone\n"
says "what one says does not count for the other" 1 "$out" 'not seen: "gone" \(line 5' "'x' did not say" "'y' passed"
two "$begins x\nprobed [x]\ngone\n$begins y\n"
says "nor does what the first said" 1 "$out" 'not seen: "gone" \(line 6' "'x' passed" "'y' did not say"
echo '  Name (_HID, "LIFE0001")' >"$scratch/y/y.asl"
two_end() {
	run_into "$out" env CONSOLE="$begins x\nprobed [x]\ngone\nx took 1 s\n$begins y\n" STATUS="$1" "$scratch/scripts/run-sample" \
		x build/x.ko --and "$scratch/y" build/y.ko
}
two_end 3
says "who ended well before another failed has passed" 3 "$out" "'x' passed" "'y' failed: .* status 3"
two_end 70
says "... not if the kernel found a fault" 70 "$out" "'x y' failed: .* status 70"
check "... then nobody has passed" sh -c "! grep passed '$out'"
run_into "$out" "$scratch/scripts/run-sample" --machine "$scratch/y"
says "a machine" 0 "$out" '^--device pci-testdev,membar=4K$' '^--smp 1$' '^ACPI device LIFE0001$'
check "... without what only adds to a guest" sh -c "! grep -e --acpi -e timeout -e kernel-module '$out'"
sed -i 's/membar=4K/membar=8K/' "$scratch/y/boot"
two ''
says "different machines are refused" 2 "$out" "'x' and 'y' need different machines"
sed -i 's/membar=8K/membar=4K,addr=09.0/' "$scratch/y/boot"
two ''
says "other devices of a kind are kept from a script" 1 "$out" '--device pci-testdev,membar=4K --smp 1 .* --device pci-testdev,membar=4K,addr=09.0' \
	'^script: run x 09.0$' 'reserve-slots nobody'
sed -i 's/,addr=09.0//; $a guest-end 0' "$scratch/y/boot"
two ''
says "who ends the machine is alone" 2 "$out" "'x' and 'y' need different machines"
run_into "$out" "$scratch/scripts/run-sample" x x.ko --and y
says "--and without a module" 2 "$out" '--and needs a name and a module'

run_into "$out" "$scratch/scripts/run-sample" y x.ko
says "an unknown sample" 2 "$out" "no sample 'y'" 'can be booted: x$'
sed -i '/expect/d' "$scratch/samples/x/boot"
sample 'x: probed [x]\nx: gone\n' 0
says "a sample that expects nothing is refused" 2 "$out" "no '# expect:' line"
finish
