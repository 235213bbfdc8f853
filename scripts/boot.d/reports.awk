# SPDX-License-Identifier: GPL-2.0
#
# Finds the kernel's reports of bugs in a console log and prints them with their context. Exits with
# status 0 if there is none, with 1 otherwise. Lines that the script printed do not count. Nor do
# panics of modules, up to the number that the guest expects.
#
# Only a line that starts with the kernel's time stamp is the kernel's. The patterns match the text
# after it, and those with a "^" only at its start, so that a driver may print "BUG" in a sentence.

BEGIN {
    BEFORE = 2      # lines of context before a match,
    AFTER = 60      # and after it, unless the report says itself where it ends
    last_shown = 0
    until = 0
    found = 0
    leaks = 0
    leaks_expected = 0
    panics = 0
    panics_expected += 0    # what the guest has in a variable, the host finds in the log
    panicking = 0           # within the report of one that is expected
    cut = 0                 # the line that begins a report, which may be that of one
}

# message(s): the text of the kernel message s, or "" if the line s is not the kernel's.
function message(s) {
    if (s !~ /^\[ *[0-9]+\.[0-9]+\]/)
        return ""
    sub(/^\[ *[0-9]+\.[0-9]+\](\[ *[TC][0-9]+\])? /, "", s)
    return s ~ /^\[U\] / ? "" : s
}

# too_many_leaks(s): s brings the leaks above what the script forgets on purpose.
function too_many_leaks(s) {
    if (s !~ /^kmemleak: [0-9]+ new suspected memory leak/)
        return 0
    leaks += substr(s, length("kmemleak: ") + 1)
    return leaks > leaks_expected
}

# is_expected(s): whether s belongs to the report of a panic that is expected. The first line of
# such a report may also begin another report, so it is judged together with the next line.
function is_expected(s) {
    if (panicking && s ~ /^(Oops: )?invalid opcode: /)
        return 1
    if (panics >= panics_expected || s !~ /^kernel BUG at [^ ]*helpers\/bug\.c:[0-9]+!/)
        return 0
    panics++
    panicking = 1
    cut = 0
    return 1
}

# Not a loop over strings: BusyBox compiles such an expression anew each time.
function is_report(s) {
    return s ~ /^-+\[ cut here \]/ ||
        s ~ /^WARNING: / ||                             # WARN(), lockdep, suspicious RCU usage
        s ~ /^(watchdog: |kernel )?BUG[: ]/ ||          # BUG(), KASAN, SLUB, page faults, lockups
        s ~ /^BUG [^ ]+ \(/ ||                          # SLUB: BUG kmalloc-64 (Tainted: ...): ...
        s ~ /^(Oops|Internal error): / ||
        s ~ /^Kernel panic - not syncing/ ||
        s ~ /^(general protection fault|double fault|stack segment|invalid opcode|divide error|int3)[,:]/ ||
        s ~ /^(kernel tried to execute|traps: Missing ENDBR|unchecked MSR access)/ ||
        s ~ /^(UBSAN|KASAN|KCSAN|KFENCE|KMSAN|ODEBUG|CFI failure)[: ]/ ||
        s ~ /^DMA-API: ([^ ]+ [^ ]+: |exceed|debugging out of memory)/ ||   # "DRIVER DEVICE: .."
        s ~ /scheduling while atomic/ ||
        s ~ /sleeping function called from invalid context/ ||
        s ~ /refcount_t: / ||
        s ~ /sysfs: cannot create duplicate/ ||
        s ~ /kobject_add_internal failed for .* with -EEXIST/ ||
        s ~ /(list_add|list_del) corruption/ ||
        s ~ /^rcu: INFO: .*(stall|detected)/ ||
        s ~ /^INFO: (task .* blocked for more than|rcu|trying to register non-static key)/ ||
        s ~ /^INFO: (HARDIRQ|SOFTIRQ|possible|inconsistent)/ ||
        too_many_leaks(s) ||
        s ~ /nobody cared/ ||
        s ~ /^Memory cgroup out of memory|^Out of memory: Killed process/
}

# show(n): shows the line n, which is a report, with what is before it.
function show(n,  first, i) {
    found++
    first = n - BEFORE
    if (first <= last_shown)
        first = last_shown + 1
    if (first < 1)
        first = 1
    if (last_shown > 0 && first > last_shown + 1)
        print "        ..."
    for (i = first; i < n; i++)
        print "    " line[i]
    print "  > " line[n]
    last_shown = n
    until = n + AFTER
}

{
    line[NR] = $0
    text = message($0)
    if (text ~ /^lifebound: [0-9]+ leaks are expected$/)
        leaks_expected = substr(text, length("lifebound: ") + 1) + 0
    if (text ~ /^lifebound: [0-9]+ panics are expected$/)
        panics_expected = substr(text, length("lifebound: ") + 1) + 0
    if (text != "" && !is_expected(text)) {
        if (cut) {
            show(cut)
            cut = 0
        }
        if (panics < panics_expected && text ~ /^-+\[ cut here \]/)
            cut = NR
        else if (is_report(text))
            show(NR)
    }
    if (NR <= until && NR > last_shown) {
        print "    " $0
        last_shown = NR
    }
    if (text ~ /^---\[ end (trace|Kernel panic)/)
        until = panicking = 0
}

END {
    if (cut)
        show(cut)
    exit found > 0
}
