#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# scripts/pick and scripts/host-test: they find one test by its name, and report a name that no test
# has.

set -euo pipefail
cd "$(dirname -- "$(readlink -f -- "$0")")/../.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# picks NAME WANTED ARGUMENT...: good if `pick ARGUMENT..` prints the words WANTED.
picks() {
	local name=$1 wanted=$2
	shift 2
	run_into "$work/out" scripts/pick "$@"
	# shellcheck disable=SC2086 # words
	printf '%s\n' $wanted | diff - "$work/out" >"$work/diff" || status=1
	report "$status" "$name" "$work/diff"
}

# refuses NAME REGEX.. -- COMMAND...: good if COMMAND ends with status 1 and says each REGEX.
refuses() {
	local name=$1 regexes=()
	shift
	while [ "$1" != -- ]; do
		regexes+=("$1")
		shift
	done
	shift
	run_into "$work/out" "$@"
	says "$name" 1 "$work/out" "${regexes[@]}"
}

picks "a name in full is that boot alone, though others contain it" edu boot edu
picks "a part of a name is all that have it" "edu_recover edu_unplug" boot edu_
picks "a sample is a boot, too" pci_testdev boot testdev
picks "no part is all" "$(cd tests/ui && printf '%s ' *.rs | sed 's/\.rs//g')" ui ""
picks "a suite of KUnit tests" "lifebound_devres lifebound_devres_races" suite devres
picks "a test of that suite alone" the_handle_may_end_it_first case handle_may lifebound_devres
picks "a name of the host has colons" io::tests::one host io::tests::one < <(printf 'a::%s\n' io::tests::one; echo io::tests::one)
refuses "a mistake says what is near" "no boot test has 'pci_odrer'" "^ +pci_order$" -- scripts/pick boot pci_odrer
refuses "... of programs that must not compile" "^ +pinned_fields$" -- scripts/pick ui pined_feilds
refuses "a test of another suite is none" "no KUnit test has" -- scripts/pick case handle_may lifebound_ptr
refuses "a ring that is none" "no ring of tests 'booth'" -- scripts/pick booth edu

suites=$(grep -rhE '^ *#\[.*kunit_tests\(' rust/kernel --include='*.rs' | wc -l)
check "all $suites suites are found" test "$(scripts/pick suite '' | wc -l)" -eq "$suites"
picks "tests that a macro writes" driver_goes_first case driver_goes_first lifebound_driver

# Before anything is built.
refuses "make test-ui UI=" "near|Near names" -- sh -c 'make test-ui UI=pined_feilds || exit 1'
refuses "make test-kunit SUITE=" "lifebound_devres" -- sh -c 'make test-kunit SUITE=devrse || exit 1'
refuses "make test-kunit TEST= of another suite" "no KUnit test" -- sh -c 'make test-kunit SUITE=lifebound_ptr TEST=handle_may || exit 1'

# A cargo that has three tests in two programs, and two examples.
cat >"$work/cargo" <<'END'
#!/bin/sh
case "$*" in
*--doc*--list*) printf '%s: test\n' 'one.rs - first::starts (line 3)' 'one.rs - ends_all (line 9)' ;;
*--list*) printf '%s: test\n' first::ends first::ends_late second::ends ; echo 'benches: benchmark' ;;
*) echo "asked: $*" && echo 'running 0 tests' && exit "${FAILS:-0}" ;;
esac
END
chmod +x "$work/cargo"
run_into "$work/out" scripts/host-test ends_l "$work/cargo" test --workspace
says "one test of the host" 0 "$work/out" '^asked: test --workspace --lib --bins --tests --quiet -- ends_l$' '^  passed: first::ends_late$'
check "... and what has none is not mentioned" sh -c "! grep -e 'running 0' -e second -e '--doc' '$work/out'"
run_into "$work/out" scripts/host-test starts "$work/cargo" test
says "an example alone" 0 "$work/out" '^asked: test --doc --quiet -- starts$' '^  passed: one\.rs - first::starts \(line 3\)$'
check "... and no test" sh -c "! grep -e '--lib' '$work/out'"
run_into "$work/out" scripts/host-test ends "$work/cargo" test
says "tests and examples" 0 "$work/out" '^asked: .* --tests ' '^  passed: second::ends$' '^asked: .* --doc ' '^  passed: one\.rs - ends_all '
run_into "$work/out" scripts/host-test second::ends "$work/cargo" test
says "a name in full" 0 "$work/out" '-- second::ends --exact$'
run_into "$work/out" env FAILS=101 scripts/host-test ends "$work/cargo" test
says "its failure" 101 "$work/out" '^asked'
check "... is not called passed" sh -c "! grep passed '$work/out'"
refuses "none of that name" "no test on the host has 'ends_lata'" "^ +first::ends_late$" -- scripts/host-test ends_lata "$work/cargo" test
finish
