# SPDX-License-Identifier: GPL-2.0
#
# Finds what no formatter looks at, in files of one language: -v language=rust, c, markdown, or hash
# (shell, make, awk: comments begin with #). Prints FILE:LINE: TEXT after a word for the kind:
#
#     long      a line of a comment or of documentation has more than 100 columns
#     phrase    a comment or a paragraph says something in a way that is given up
#     indent    a line of a shell script is indented by spaces
#
# These lines may be long: tables, lines with a URL, code in Markdown, errors that tests/ui expects,
# help of a Makefile's targets.

# width LINE: its columns; a tab goes to the next multiple of eight. Bytes that continue a letter
# have none.
function width(line,    n, i, c) {
	gsub(/[\200-\277]/, "", line)
	if (index(line, "\t") == 0)
		return length(line)
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		n += c == "\t" ? 8 - n % 8 : 1
	}
	return n
}

function found(kind, line, text) {
	print kind " " FILENAME ":" line ": " text
}

# comment_of LINE: its comment, without what begins it; "" if there is none.
function comment_of(line,    place) {
	if (language == "markdown")
		return line ~ /^(    |\t)/ ? "" : line
	if (language == "rust") {
		place = match(line, /(^|[ \t])\/\/[\/!]?( |$)/)
		return place ? substr(line, place + RLENGTH) : ""
	}
	if (language == "hash") {
		place = match(line, /(^|[ \t])#( |$)/)
		return place && !(line ~ /^[a-z-]+:.* ## /) ? substr(line, place + RLENGTH) : ""
	}
	if (in_comment) {
		if (index(line, "*/"))
			in_comment = 0
		sub(/^[ \t]*\*?\/?/, "", line)
		sub(/\*\/.*/, "", line)
		return line
	}
	place = index(line, "/*")
	if (!place)
		return ""
	line = substr(line, place + 2)
	if (!index(line, "*/"))
		in_comment = 1
	sub(/\*\/.*/, "", line)
	return line
}

# A paragraph has ended: phrases may go over the ends of its lines.
function end_paragraph(    i, text) {
	text = paragraph " "
	gsub(/[ \t]+/, " ", text)
	for (i = 1; i <= phrases; i++)
		if (match(tolower(text), phrase[i]))
			found("phrase", begin, substr(text, RSTART, RLENGTH))
	paragraph = ""
}

function give_up(regex) {
	phrase[++phrases] = regex
}

BEGIN {
	give_up("ours alone")
	give_up("also if ")
	give_up("shall see")
	# Which function requires what, and why it holds, is missing.
	give_up("safety: the caller\\. ")
	give_up("safety: see above\\.? ")
	# "Context: any context." is the form.
	give_up("any context\\. ")
	give_up("context: any\\. ")
}

FNR == 1 {
	end_paragraph()
	in_code = in_comment = 0
	heredoc = ""
}

# Code in Markdown.
language == "markdown" && /^ *```/ {
	in_code = !in_code
	end_paragraph()
	next
}
in_code { next }

# Text for somebody else in a shell script.
heredoc != "" {
	word = $0
	sub(/^\t+/, "", word)
	if (word == heredoc)
		heredoc = ""
	next
}
shell && /^ +[^ ]/ { found("indent", FNR, $0) }
shell && match($0, /<<-?["'\\]?[A-Za-z_]+/) && !/<<</ {
	heredoc = substr($0, RSTART, RLENGTH)
	gsub(/[^A-Za-z_]/, "", heredoc)
}

{
	comment = comment_of($0)
	if (comment ~ /^[ \t]*$/) {
		end_paragraph()
		next
	}
	if (paragraph == "")
		begin = FNR
	# "Context: any context." may be said anywhere.
	gsub(/Context: any context\./, "", comment)
	# What is quoted is spoken of.
	if (language == "markdown")
		gsub(/"[^"]*"/, "", comment)
	paragraph = paragraph " " comment
	if (width($0) > 100 && !(comment ~ /^ *\|/) && !/:\/\// && !/\/\/~/)
		found("long", FNR, $0)
}

END { end_paragraph() }
