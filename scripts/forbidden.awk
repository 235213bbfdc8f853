# SPDX-License-Identifier: GPL-2.0
#
# Reads a driver's LLVM IR, and finds unsafe code that rustc accepts under `forbid(unsafe_code)`.
# Prints an error for each place, and exits with 1 if there is one. It reads the IR and not the
# source, because a macro can write any attribute.
#
# - `#[unsafe(naked)]`: assembly in the place of a function, which the lint does not look for.
# - `#[unsafe(link_section = ..)]` on a method or a closure: the lint looks for functions and
#   statics alone. Code in `.init.text` is freed once the module is loaded.
# - `#[unsafe(export_name = ..)]` and `#[unsafe(no_mangle)]` on a method that a trait provides: the
#   lint does not look there either. The driver's function would replace C's or the compiler's
#   function of that name.
#
# SOURCE is the file that was compiled. The macro `module!` writes init_module() and
# cleanup_module().

function refuse(what) {
	printf "error: %s: %s, in a file that forbids unsafe code: rustc's lint does not find it, and nobody checks it\n", \
		SOURCE, what
	found = 1
}

function own(name) {
	return name == "init_module" || name == "cleanup_module" || name ~ /^[akm]san\./
}

/^module asm "\.type / {
	name = $0
	sub(/^module asm "\.type /, "", name)
	sub(/,.*/, "", name)
	refuse("a naked function (" name ")")
	named = 1
}

/^module asm "./ { assembly = 1 }

/^define / {
	name = $0
	sub(/^[^@]*@"?/, "", name)
	sub(/["(].*/, "", name)
	if (own(name))
		next
	if (match($0, / section "[^"]*"/))
		refuse("a function in the section " substr($0, RSTART + 9, RLENGTH - 9) " (" name ")")
	if (name !~ /^_R/)
		refuse("a function exported under the name " name)
}

END {
	if (assembly && !named)
		refuse("assembly outside of functions")
	exit found
}
