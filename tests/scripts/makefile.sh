#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# What the command line and the environment may say: served, or refused by name before anything
# runs, and no shell gets to run what a name contains. Nothing is built here.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh

top=$PWD
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
out=$work/out
run=$work/run

# refused NAME REGEX ARGUMENT..: make stops at reading.
refused() {
	local name=$1 regex=$2
	shift 2
	run_into "$out" timeout 20 env -u MAKEFLAGS make -C "$top" "$@"
	says "$name" 2 "$out" "$regex"
	! grep -q CHOSE "$out" || report 1 "... before anything runs" "$out"
}

# A name with each character that make or a shell takes for more than a letter.
test_characters() {
	local special variable c status=0
	# shellcheck disable=SC2016 # they are not to be expanded
	special=(' ' $'\t' $'\n' $'\r' ':' '#' "'" '"' '$' '(' ')' '&' ';' '%' '`' '*' '?' '[' ']' '{' '}' '<' '>' '|' '\' '!' '^' '=')
	for variable in M KDIR OUT BUILD UI_DIRECTORY CC SAMPLE UI SUITE BOOT KERNEL; do
		for c in "${special[@]}"; do
			if timeout 20 env -u MAKEFLAGS make -C "$top" crates "$variable=/a${c}b" >"$out" 2>&1 ||
				! grep -qF "$variable='/a" "$out" || ! grep -q '\*\*\*' "$out" || grep -q 'CHOSE\|BUILD ' "$out"; then
				printf '# %s with %q\n' "$variable" "$c"
				status=1
			fi
		done
	done
	report $status "each special character is refused in each name" "$out"
}

test_injection() {
	local text
	# shellcheck disable=SC2016 # they are not to be expanded
	for text in '$(shell touch RUN)' '`touch RUN`' "';touch RUN;'" '";touch RUN;"' ';touch RUN' '&touch RUN' '$$(touch RUN)' \
		$'\ntouch RUN\n' '|touch RUN'; do
		text=/a${text//RUN/$run}
		for variable in M KDIR OUT BUILD UI_DIRECTORY CC SAMPLE UI TEST SUITE BOOT TESTS KERNEL OTHER; do
			timeout 20 env -u MAKEFLAGS make -C "$top" crates "$variable=$text" >"$out" 2>&1 && echo "# $variable=$text passes"
		done
		for variable in M KDIR OUT BUILD UI TEST TESTS; do
			env "$variable=$text" make -C "$top" -n help >"$out" 2>&1 || true
		done
	done
	check "none of them is run" test ! -e "$run"
}

test_variables() {
	refused "O=" "O= is not for this tree: BUILD=<directory>" crates O=/x
	refused "CLIPPY=1" "CLIPPY= is not .*make clippy" CLIPPY=1
	refused "LLVM=1" "LLVM= is not .*the kernel in KDIR" LLVM=1
	refused "ARCH=" "ARCH= is not" ARCH=arm64
	refused "RUSTFLAGS, even empty" "RUSTFLAGS= is not .*the flags for Rust" RUSTFLAGS=
	refused "cargo's variables" "CARGO_BUILD_RUSTFLAGS= is not" CARGO_BUILD_RUSTFLAGS=-O
	refused "what the build sets" "src= is not .*the build sets it" src=/x
	refused "an OUT that is not absolute" "OUT='rel' is not absolute" OUT=rel
	refused "a BUILD that is not absolute" "BUILD='rel' is not absolute" BUILD=rel
	refused "BUILD for tests" "BUILD= is not for the tests" test BUILD=/x
	run_into "$out" timeout 20 env -u MAKEFLAGS make -C "$top" help S=/x TOP=/x found=x space=x
	says "names that the Makefile uses itself" 0 "$out" 'M=DIR'
}

test_tree() {
	local name
	# shellcheck disable=SC2016 # it is not to be expanded
	for name in 'a b' 'a:b' "a'b" 'a$b' 'a;b' 'a(b'; do
		mkdir -p "$work/$name/lb"
		cp Makefile "$work/$name/lb/"
		run_into "$out" make -C "$work/$name/lb" help
		says "a tree in a directory called $name" 2 "$out" 'the path of this tree has .*which neither make nor Kbuild takes'
		run_into "$out" make -f "$work/$name/lb/Makefile" help
		[ "$name" = a:b ] || says "... by make -f" 2 "$out" '\*\*\*'
	done
}

test_environment() {
	local name passes=() kept
	for name in RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS CARGO_BUILD_TARGET CARGO_TARGET_DIR CARGO_PROFILE_DEV_DEBUG \
		CARGO_TARGET_X86_64_UNKNOWN_NONE_RUSTFLAGS RUSTC RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER RUSTC_BOOTSTRAP CARGO_INCREMENTAL \
		BINDGEN_EXTRA_CLANG_ARGS CPATH C_INCLUDE_PATH LIBRARY_PATH GCC_EXEC_PREFIX CFLAGS KCFLAGS KBUILD_OUTPUT KBUILD_EXTMOD ARCH \
		CROSS_COMPILE CC LD M O W V CLIPPY_ARGS LIFEBOUND_CLIPPY LIFEBOUND_RUSTC BASH_ENV MAKEFILES CARGO_UNSTABLE_HOST_CONFIG; do
		passes+=("$name=lb_passes")
	done
	kept=$(env "${passes[@]}" scripts/clean-env env | grep lb_passes || true)
	check "no flags, wrappers or tools come from the environment" test -z "$kept"
	[ -z "$kept" ] || printf '# %s\n' "$kept"
	# shellcheck disable=SC2016 # the inner shell expands it
	check "what a download needs does" env CARGO_HOME=/c https_proxy=p LIFEBOUND_CACHE=/l scripts/clean-env \
		sh -c '[ "$CARGO_HOME$https_proxy$LIFEBOUND_CACHE" = /cp/l ]'
}

test_characters
test_injection
test_variables
test_tree
test_environment
finish
