# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # the test that sources this sets `work`
#
# For tests that carry out a document, after tests/scripts/tap.sh. See blocks.awk.

# begin_document DOCUMENT DIRECTORY: puts the blocks of DOCUMENT into $work/NUMBER, and sets
# `driver` to DIRECTORY, which is empty then.
begin_document() {
	driver=$2
	rm -rf -- "$driver"
	mkdir -p "$driver"
	awk -v work="$work" -f tests/blocks/blocks.awk "$1"
	touch "$work/unnamed"
	check "every block of code names its file" test ! -s "$work/unnamed"
}

# apply BLOCK LANGUAGE FILE: carries out a block, in $driver.
apply() {
	case $2 in
	diff)
		{
			printf -- '--- a/%s\n+++ b/%s\n' "$3" "$3"
			tail -n +2 "$1"
		} | git apply --directory="${driver#"$PWD"/}"
		;;
	*) tail -n +2 "$1" >"$driver/$3" ;;
	esac
}
