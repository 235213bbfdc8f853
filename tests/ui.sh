#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Programs that drivers must not be able to write. They come in pairs: a program that builds, and a
# near-twin that must not.
#
# To add a pair, write tests/ui/NAME.rs. Its first comment states a promise, and its code keeps the
# promise. The code that breaks it stands beside that under `#[cfg(reject)]`, further ways under
# `reject_2`, `reject_3`, .., with the error in a comment:
#
#     #[cfg(not(reject))]
#     fn keep(dev: &Device<Bound>, slot: &mut Option<ARef<Device>>) { .. }
#     #[cfg(reject_2)]
#     other(dev); //~2 E0277 words of the message
#
# `//~` is for `reject`, `//~2` for `reject_2`; `^` after it points one line up, `?` at no line of the
# program. Each program is compiled as Kbuild compiles a driver:
#
# - without the conditions, where a warning is an error;
# - with each condition alone, where it has to fail with exactly the errors that the comments name.
#
# rust/pin-init/tests/reject/expect.rs reads the comments. With the line `//@ code` the program is
# compiled to machine code. Then a failed `build_assert!` is an error as well:
# `undefined symbol lifebound_build_error`.
#
# `make test-ui UI=NAME` runs the programs whose names contain NAME.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh
release=$(cat "$(scripts/toolchain --default-kdir)/include/config/kernel.release")
logs=$PWD/build/$release/ui
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

run_into "$work/pairs" make test-ui
pairs=0
while read -r name result; do
	pairs=$((pairs + 1))
	case $result in
	*ok) report 0 "$name" ;;
	*) report 1 "$name" "$logs/${name%% *}.log" ;;
	esac
done < <(sed -n 's/^pair \(.*\) \.\.\. \(ok\|FAILED\)$/\1 \2/p' "$work/pairs")
report "$status" "all pairs: $(tail -n 1 "$work/pairs")" "$work/pairs"
check "none is left out" test "$pairs" -eq "$(find tests/ui -name '*.rs' | wc -l)"

# The runner itself: each program in tests/ui-faulty is a mistake that it has to find.
run_into "$work/faulty" make test-ui UI_DIRECTORY=tests/ui-faulty
says "faulty pairs are found, every one" 2 "$work/faulty" "$(find tests/ui-faulty -name '*.rs' | wc -l) files failed"
while read -r name words; do
	status=0
	says "... $name" 0 "$logs/$name.log" "$words"
done < <(sed -n 's|^//@ finds \(.*\)|\1|p' tests/ui-faulty/*.rs | paste -d ' ' <(cd tests/ui-faulty && printf '%s\n' *.rs | sed 's/\.rs//') -)
finish
