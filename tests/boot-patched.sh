#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# The boot suite on the patched kernel.

set -euo pipefail
KERNEL=patched exec bash "$(dirname "$(readlink -f "$0")")/boot.sh"
