# SPDX-License-Identifier: GPL-2.0
#
# Reads a console on which KUnit has printed KTAP, and prints a line for each test: its status (0 is
# good), a "|", and its name. The console's lines since the test before go to the files DIRECTORY/1,
# 2, .. (-v directory=..), one file for each line of output.
#
# Three things are failures, too: a suite has fewer or more results than it planned, a suite did not
# run, no suite ran at all. In a suite whose name ends in "_fails" each test must fail: this shows
# that KUnit notices failures.

function result(bad, name) {
    count++
    print bad "|" name
    for (i = 0; i < lines; i++)
        print said[i] > (directory "/" count)
    close(directory "/" count)
    lines = 0
}

function end_suite() {
    if (suite != "" && results != planned)
        result(1, suite ": " results " of " planned " results")
    suite = ""
}

BEGIN { suites_planned = -1 }

{
    sub(/\r$/, "")
    sub(/^\[ *[0-9]+\.[0-9]+\](\[ *[TC][0-9]+\])? /, "")
    said[lines++] = $0
}

/^1\.\.[0-9]+$/ {
    suites_planned = substr($0, 4) + 0
    lines = 0
}

/^    # Subtest: / {
    end_suite()
    suite = $3
    suites++
    results = 0
    planned = "an unknown number of"
}

/^    1\.\.[0-9]+$/ { planned = substr($0, 8) + 0; lines = 0 }

/^    (not )?ok [0-9]+ / {
    bad = $1 == "not"
    name = $0
    sub(/^    (not )?ok [0-9]+ /, "", name)
    results++
    if (suite ~ /_fails$/) {
        bad = !bad
        name = name " (fails, as it must)"
    }
    result(bad, suite ": " name)
}

/^(not )?ok [0-9]+ / { end_suite(); lines = 0 }

END {
    end_suite()
    if (suites_planned < 1)
        result(1, "no suite has run")
    else if (suites != suites_planned)
        result(1, suites " of " suites_planned " suites have run")
}
