#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# scripts/bindgen, with a stand-in for bindgen; and rust/kbuild/shim-tables.awk, on assembly as gcc
# writes it for several kernels.

set -euo pipefail
here=$(dirname -- "$(readlink -f -- "$0")")
# shellcheck source=tests/scripts/tap.sh
. "$here/tap.sh"
top=$here/../..
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
out=$scratch/out

# A libclang that knows neither -fnew nor -mguard=, and no value but 1 of -flevel.
cat >"$scratch/bindgen" <<'EOS'
#!/bin/sh
echo "$@" >>"$0.calls"
bad= flags=
for word; do
	[ "$word" != -- ] || flags=yes
	[ "$flags" ] || continue
	case $word in
	-fnew | -mguard=*) bad="$bad
error: unknown argument: '$word'" ;;
	-flevel=[2-9]) bad="$bad
error: invalid value '${word#*=}' in '$word'" ;;
	-DBROKEN) echo "x.h:1:1: error: unknown type name 'y'" >&2 && exit 1 ;;
	esac
done
[ -z "$bad" ] || { echo "Unable to generate bindings: clang diagnosed error: ${bad#?}" >&2 && exit 1; }
echo "bindings: $*"
EOS
chmod +x "$scratch/bindgen"

run_into "$out" "$top/scripts/bindgen" "$scratch/bindgen" a.h -fnew -- -O2 '-DX=a b' -fnew -mguard=x -flevel=3 -flevel=1
says "flags that libclang does not know are left out" 0 "$out" '^bindings: a\.h -fnew -- -O2 -DX=a b -flevel=1$'
check "it is asked twice, as it names all of them at once" test "$(grep -c . "$scratch/bindgen.calls")" = 2
run_into "$out" "$top/scripts/bindgen" "$scratch/bindgen" a.h -- -O2
says "known ones stay" 0 "$out" '^bindings: a\.h -- -O2$'
run_into "$out" "$top/scripts/bindgen" "$scratch/bindgen" a.h -- -fnew -DBROKEN
says "other errors are shown" 1 "$out" "unknown type name 'y'"

# filters NAME REGEX...: what the filter makes of standard input matches each REGEX.
filters() {
	local name=$1
	shift
	run_into "$out" awk -f "$top/rust/kbuild/shim-tables.awk"
	says "$name" 0 "$out" "$@"
}

filters "a function is a group with its tables" '^	\.section	\.text\.f,"axG",@progbits,\.text\.f$' \
	'^	\.pushsection __bug_table\.shim,"aw\?"$' '^	\.section	__dyndbg\.shim,"aw"$' '\.discard\.entries' <<'END'
	.section	.text.f,"ax",@progbits
.pushsection __bug_table,"aw"
	.popsection
	.section	__dyndbg,"aw"
	.section	__patchable_function_entries,"awo",@progbits,.LPFE0
END
filters "changes of sections within a line, after a label, belong to the group too" '^	912:$' \
	'^	\.pushsection \.discard\.annotate_data\.shim,"M\?", @progbits, 8$' '^ \.long 912b - \., 1$' '^ \.popsection$' <<'END'
	.section	.text.f,"ax",@progbits
.pushsection __bug_table,"aw"
	912: .pushsection .discard.annotate_data, "M", @progbits, 8; .long 912b - ., 1; .popsection
.popsection
END
run_into "$out" awk -f "$top/rust/kbuild/shim-tables.awk" <<<'	.previous'
says "what it does not understand is an error" 1 "$out" 'a change of sections that is not understood'
finish
