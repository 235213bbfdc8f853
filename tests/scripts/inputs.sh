#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# scripts/inputs: what was made of a file goes when the file is another, whatever the times say, and
# stays otherwise. The "compiler" here is `cat`.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh

inputs=$PWD/scripts/inputs
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd "$work"

# fresh: one output of two files, one of Kbuild's kind, and a record of them.
fresh() {
	rm -rf out record record.begun
	mkdir out
	echo one >one
	echo two >two
	echo "a file" >"with space"
	sleep 0.02
	build
}

# build: as a build does, makes what is not there.
build() {
	"$inputs" discard "$work" record out
	if [ ! -e out/first.o ]; then
		cat one two "with space" >out/first.o
		printf 'first.o: one \\\n two with\\ space\n' >out/first.o.d
	fi
	if [ ! -e out/second.o ]; then
		cat two >out/second.o
		printf 'savedcmd_second.o := cat\n\nsource_second.o := two\n\ndeps_second.o := \\\n    %s \\\n\nsecond.o: $(deps_second.o)\n' \
			'$(wildcard include/config/X) ' >out/.second.o.cmd
	fi
	"$inputs" record "$work" record out
}

# left NAMES: after another discard, these outputs are there. Times are set back first.
left() {
	"$inputs" discard "$work" record out
	[ "$(cd out && echo *.o)" = "$1" ]
}

fresh
check "nothing goes where nothing has changed" left "first.o second.o"

fresh
touch one two
check "nothing goes for times alone" left "first.o second.o"

fresh
echo ONE >one
touch -d @1000 one
check "a file of the same size that is older" left "second.o"
check "... with what the compiler said" test ! -e out/first.o.d

fresh
echo TWO >two
touch -d @1000 two
check "of both kinds of list" left "*.o"

fresh
echo "a FILE" >"with space"
check "a name with a space" left "second.o"

fresh
echo ONE >three
touch -r one three
mv three one
check "another file with the same time" left "second.o"

fresh
rm one
check "a file that is gone" left "second.o"

fresh
echo ONE >one
left "second.o"
echo one >one
check "a file that is back, before anything was built" left "second.o"
build
check "... and is built then" grep -q one out/first.o

# A build that is killed leaves no record of what it used.
fresh
echo ONE >one
"$inputs" discard "$work" record out
cat one two >out/first.o
printf 'first.o: one \\\n two\n' >out/first.o.d
echo one >one
touch -d @1000 one
check "what a build made that was killed" left "second.o"

fresh
rm -f out/first.o
"$inputs" discard "$work" record out
cat one two >out/first.o
printf 'first.o: one \\\n two three\n' >out/first.o.d
echo three >three
"$inputs" record "$work" record out
check "a file that is new since the build began" left "second.o"
finish
