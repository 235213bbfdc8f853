#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Crates that a driver brings (Documentation/guide.md, "Code that drivers share"):
# tests/outside/crates has a crate without `std` that knows nothing of kernels, one that uses the
# crate `kernel`, and two modules that bring both.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh
work=$(mktemp -d)
trap 'make -s clean M="$work/tree/driver"; rm -rf -- "$work"' EXIT
cp -r tests/outside/crates "$work/tree"
driver=$work/tree/driver

builds_quietly "two modules bring two crates" "$work/build" make M="$driver"
cat >"$work/boot" <<'E2'
set -e
insmod /modules/first.ko
insmod /modules/second.ko
dmesg | grep 'the checksum is'
rmmod first
rmmod second
E2
run_into "$work/log" scripts/boot --module "$driver/first.ko" --module "$driver/second.ko" --script "$work/boot"
says "both load at a time" 0 "$work/log" 'first: the checksum is Some\(f4\)' 'second: the checksum is Some\(f4\)'

run_into "$work/log" make M="$driver"
check "nothing is built again" test "$(grep -c RUSTC "$work/log")" = 0
# The same size and time, and other contents.
sed -i 's/0x07/0x31/' "$work/tree/checksum/src/table.rs"
touch -d 2001-01-01 "$work/tree/checksum/src/table.rs"
run_into "$work/log" make M="$driver"
says "... until a file of a crate is another" 0 "$work/log" 'RUSTC.* .*first\.o$' 'RUSTC.* .*second_main\.o$'
run_into "$work/log" make clippy M="$driver"
says "they are linted" 0 "$work/log"

# A crate that forbids unsafe code, as `message` does, is held to it.
cp "$work/tree/message/lib.rs" "$work/message.rs"
echo 'pub fn read(at: *const u8) -> u8 { unsafe { *at } }' >>"$work/tree/message/lib.rs"
run_into "$work/log" make M="$driver"
says "unsafe code in a crate that forbids it" 2 "$work/log" 'usage of an `unsafe` block' 'message/lib\.rs:'
{ cat "$work/message.rs" && echo 'pub trait Free { #[unsafe(no_mangle)] #[inline(never)] fn kfree(&self) {} }' &&
	echo 'impl Free for u8 {} #[inline(never)] pub fn free() { 0_u8.kfree() }'; } >"$work/tree/message/lib.rs"
run_into "$work/log" make M="$driver"
says "... and what the lint does not find" 2 "$work/log" 'message/lib\.rs: a function exported under the name kfree'
cp "$work/message.rs" "$work/tree/message/lib.rs"
sed -i 's/checksum::crc8/checksum::crc9/' "$work/tree/message/lib.rs"
run_into "$work/log" make M="$driver"
says "an error in a crate names its file" 2 "$work/log" 'cannot find function `crc9`' 'message/lib\.rs:'
mv "$work/tree/message/lib.rs" "$work/tree/message/elsewhere.rs"
run_into "$work/log" make M="$driver"
says "a crate that is not there is named" 2 "$work/log" 'error: --extern message=.*message/lib\.rs: there is no such file'
finish
