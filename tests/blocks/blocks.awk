# SPDX-License-Identifier: GPL-2.0
#
# awk -v work=WORK -f blocks.awk DOCUMENT: takes a document apart that a test carries out.
#
# Each block of code with a file becomes WORK/NUMBER, which begins with a line "SECTION LANGUAGE
# FILE WORD". The line above a block names its file (see tests/guide.sh). A block without a file
# must be commands for a shell, or a part of a file that is there (`FILE` has:); the places of
# others are in WORK/unnamed. A line that begins with **Builds** becomes such a file, too, with
# "builds" for its language.

/^```/ && inside { inside = 0; file = ""; next }
/^```/ {
	inside = 1
	language = substr($0, 4)
	if (label != "") {
		split(label, part, "`")
		file = sprintf("%s/%03d", work, ++count)
		print section + 0, language, part[2], part[4] > file
	} else if (language != "sh" && !quoted) {
		print FILENAME ":" FNR > (work "/unnamed")
	}
	label = ""
	quoted = 0
	next
}
file != "" { print > file }
inside || /^$/ { next }
/^## / { section++ }
/^\*\*Builds\*\*/ { printf "%d builds\n%s\n", section, $0 > sprintf("%s/%03d", work, ++count) }
{ quoted = /^`[^`]+` has:$/ }
{ label = /^`[^`]+`(, changed|, refused \(`[^`]+`\))?:$/ ? $0 : "" }
