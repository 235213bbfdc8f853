#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# The boot suites repeat some steps only as often as there is time for. This repeats them in full:
# on each kernel a device is unplugged 500 times while it is in use, and on the debug kernel a
# driver of each bus is bound 1,000 times. It takes an hour.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# boots KERNEL NAME...
boots() {
	local kernel=$1 outcome name
	shift
	run_into "$work/log" env KERNEL="$kernel" BOOTS="$*" ROUNDS=all bash tests/boot.sh
	while IFS='|' read -r outcome name; do
		[ "$outcome" = ok ] && report 0 "$kernel: $name" || report 1 "$kernel: $name" "$work/log"
	done < <(sed -n 's/^\(ok\|not ok\) [0-9]* - /\1|/p' "$work/log")
	report "$status" "$kernel: all of these" "$work/log"
}

boots debug edu_unplug auxiliary_order i2c_order nova_order pci_order platform_order spi_order \
	tyr_faults tyr_order usb_order
boots stock edu_unplug
boots patched edu_unplug
finish
