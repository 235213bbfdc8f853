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

/^[ \t]*\.previous/ || /[;{][ \t]*\.(push|pop)?section/ { fail("a change of sections that is not understood") }

/^[ \t]*\.(text|data|bss)[ \t]*$/ { grouped = 0 }

/^[ \t]*\.section[ \t]/ {
	rest = $0
	take("[ \t]*\\.section[ \t]+")
	name = take("[^ \t,]+")
	grouped = name ~ /^\.text\.[^.]/ && rest !~ /"[^"]*[G?]/
	if (grouped) {
		# gcc names the flags only once. Without the group it would be another section.
		printf "\t.section\t%s,\"axG\",@progbits,%s\n", name, name
		next
	}
	# This is one list for all functions. It is kept with the first function, and would keep the
	# others. merge.lds drops it. Under its own name, ld would require it unchanged.
	if (name == "__patchable_function_entries") {
		printf "\t.section\t.discard.entries,\"a\",@progbits\n"
		next
	}
	# A variable in a table (__dyndbg): the function that uses it refers to it.
	if (name ~ /^__/) {
		printf "\t.section\t%s.shim%s\n", name, rest
		next
	}
}

# "?" puts the table into the group of the section that is left.
/^[ \t]*\.pushsection[ \t]/ && grouped {
	rest = $0
	take("[ \t]*\\.pushsection[ \t]+")
	name = take("[^ \t,]+")
	flags = take("[ \t]*,[ \t]*\"[^\"]*\"")
	gsub(/"/, "", name)
	gsub(/[, \t"]/, "", flags)
	if (flags ~ /[Go?]/)
		fail("a table with a group of its own")
	printf "\t.pushsection %s.shim,\"%s?\"%s\n", name, flags, rest
	next
}

{ print }

END { exit failed }
