#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# The boot suite on Debian's Linux 7.3.

set -euo pipefail
KERNEL=7.3 exec bash "$(dirname "$(readlink -f "$0")")/boot.sh"
