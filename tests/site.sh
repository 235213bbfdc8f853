#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# The documentation as one site: `make doc` builds it, and each link leads somewhere. C's names find
# items of the API, and each is a name that C's headers have, or that the shims call on a later
# kernel. What a driver must not use is not shown.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

builds_quietly "make doc" "$work/doc" make doc
site=$(sed -n 's|^  DOC  *\(.*\)/index.html$|\1|p' "$work/doc")
# What is reported is the figures.
run_into "$work/check" make doc-check
report "$status" "no link is dead: $(grep -E ' dead$' "$work/check" || true)" "$work/check"
names=$(sed -n 's/^\([0-9]*\) functions and macros, .* 0 unknown$/\1/p' "$work/check")
check "at least 200 functions and macros of C's find the API, and all of them exist: ${names:-0}" test "${names:-0}" -ge 200
check "the search knows one of them" grep -rqa dma_alloc_coherent "$site/api/search.index"

# shown PAGE WORD..: the page is there, and has the words.
shown() {
	local page=$1 word
	shift
	for word in "$@"; do
		grep -q -- "$word" "$site/$page" || { printf '# %s: %s\n' "$page" "$word" && return 1; }
	done
}
# shellcheck disable=SC2046 # keys are words
check "module! has a page with all keys" shown api/macros/macro.module.html \
	$(sed -n '/^const KEYS/,/;/s/^ *"\([a-z_]*\)",*$/<code>\1<\/code>/p' rust/macros/src/module/parse.rs)
for page in macros/attr.vtable macros/macro.register macros/macro.bitfield macros/attr.export macros/attr.kunit_tests \
	pin_init/attr.pin_data pin_init/derive.Zeroable pin_init/derive.MaybeZeroable zerocopy/derive.FromBytes \
	zerocopy/derive.IntoBytes; do
	check "$page has a page" shown "api/$page.html" docblock
done
for file in Documentation/*.md; do
	name=$(basename "$file" .md)
	check "$file is a page, and is in the table of contents" shown toc.html "href=\"$name.html\""
	shown "$name.html" 'href="api.html"' || report 1 "... which leads to the API"
done
check "the prelude leads to the crates of its names" shown api/kernel/prelude/index.html \
	../../pin_init/traits/trait.PinInit.html ../../macros/macro.module.html ../../zerocopy/
check "a page of the API leads to the guide" shown api/kernel/pci/struct.DeviceId.html 'href="../../../guide.html"'

# Names with two underscores are the macros', except those of C's flags.
(cd "$site/api" && find kernel macros pin_init -name '*.*__*.html' ! -name '*.__GFP_*') >"$work/internal"
check "internals are not shown" diff /dev/null "$work/internal"
check "... nor are bindings" test ! -e "$site/api/bindings"

# It finds what is there.
cp -r --reflink=auto -- "$site" "$work/site"
printf '%s\n' '<a href="guide.html#no-such-place">' '<a href="gone.html">' '<img src="none.svg">' \
	'<a href="https://example.org/">' >>"$work/site/faq.html"
run_into "$work/dead" make doc-check SITE="$work/site"
says "links that lead nowhere are found" 2 "$work/dead" '^faq.html: guide.html#no-such-place: no such place' \
	'^faq.html: gone.html: no such file' '^faq.html: none.svg: no such file' '^faq.html: https://example.org/: not a site' ' 4 dead$'
finish
