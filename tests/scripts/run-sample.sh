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
cp -- "$here/../../scripts/run-sample" "$here/../../scripts/lib.sh" "$scratch/scripts/"
cat >"$scratch/scripts/boot" <<'EOF'
#!/bin/sh
echo "arguments: $*" >&2
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
    "arguments: --module x.ko --device pci-testdev,membar=4K --smp 1 --acpi .*/samples/x/x.asl --kvm --script .*samples/x/boot$" \
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
says "what samples share goes along" 0 "$out" "--file .*samples/lib .*--script"

run_into "$out" "$scratch/scripts/run-sample" y x.ko
says "an unknown sample" 2 "$out" "no sample 'y'" 'can be booted: x$'
sed -i '/expect/d' "$scratch/samples/x/boot"
sample 'x: probed [x]\nx: gone\n' 0
says "a sample that expects nothing is refused" 2 "$out" "no '# expect:' line"
finish
