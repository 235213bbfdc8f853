# SPDX-License-Identifier: GPL-2.0
#
# Filters the assembly of a C shim that is compiled with -ffunction-sections. Each function becomes
# one section group with its entries in tables of the kernel (__bug_table, __ex_table,
# .altinstructions, ..). The linker keeps or drops a group as a whole, so that a module has the
# entries of the functions that it has, and no others. The tables get the suffix .shim: merge.lds
# keeps a driver's tables by name, and leaves the tables with this suffix to their groups.

function fail(why) {
	printf "%s:%d: %s: %s\n", FILENAME, FNR, why, $0 >"/dev/stderr"
	failed = 1
	exit 1
}

# take(REGEX): removes what matches at the start of `rest`, and returns it.
function take(regex,    taken) {
	if (!match(rest, "^" regex))
		return ""
	taken = substr(rest, 1, RLENGTH)
	rest = substr(rest, RLENGTH + 1)
	return taken
}

# statement(TEXT): filters one statement, or a line that changes the section at its start or not at
# all.
function statement(text,    name, flags) {
	if (text ~ /^[ \t]*\.previous/)
		fail("a change of sections that is not understood")
	if (text ~ /^[ \t]*\.(text|data|bss)[ \t]*$/)
		grouped = 0
	rest = text
	if (take("[ \t]*\\.section[ \t]+") != "") {
		name = take("[^ \t,]+")
		grouped = name ~ /^\.text\.[^.]/ && rest !~ /"[^"]*[G?]/
		if (grouped)
			# gcc names the flags only once. Without the group it would be another
			# section.
			text = sprintf("\t.section\t%s,\"axG\",@progbits,%s", name, name)
		else if (name == "__patchable_function_entries")
			# This is one list for all functions. It is kept with the first function,
			# and would keep the others. merge.lds drops it. Under its own name, ld
			# would require it unchanged.
			text = "\t.section\t.discard.entries,\"a\",@progbits"
		else if (name ~ /^__/)
			# A variable in a table (__dyndbg): the function that uses it refers to it.
			text = sprintf("\t.section\t%s.shim%s", name, rest)
	} else if (grouped && take("[ \t]*\\.pushsection[ \t]+") != "") {
		# "?" puts the table into the group of the section that is left.
		name = take("[^ \t,]+")
		flags = take("[ \t]*,[ \t]*\"[^\"]*\"")
		gsub(/"/, "", name)
		gsub(/[, \t"]/, "", flags)
		if (flags ~ /[Go?]/)
			fail("a table with a group of its own")
		text = sprintf("\t.pushsection %s.shim,\"%s?\"%s", name, flags, rest)
	}
	print text
}

/\{[ \t]*\.(push|pop)?section/ { fail("a change of sections that is not understood") }

# Several statements in a line, of which one changes the section; a label stands before the first.
/;[ \t]*\.(push|pop)?section/ || /^[ \t]*[0-9]+:[ \t]*\.(push)?section/ {
	n = split($0, statements, ";")
	for (i = 1; i <= n; i++) {
		if (gsub(/"/, "\"", statements[i]) % 2)
			fail("a text with a semicolon in a line that changes the section")
		rest = statements[i]
		label = take("[ \t]*[0-9]+:")
		if (label != "")
			print label
		statement(rest)
	}
	next
}

{ statement($0) }

END { exit failed }
