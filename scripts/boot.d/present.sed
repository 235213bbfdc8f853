# SPDX-License-Identifier: GPL-2.0
#
# From the whole console to what the user sees: what the script prints, without the marks that it
# gets on its way through the kernel's log, and the kernel's messages while the script runs.
# Run with `sed -n -E`.

# Before the script starts: nothing. scripts/boot shows that part if it has to.
1,/\] lifebound: the script starts$/ {
    d
}

# The mark of /dev/ttyprintk, after the time and, on some kernels, the number of the caller.
s/^\[ *[0-9]+\.[0-9]+\](\[ *[TC][0-9]+\])? \[U\] //
t show

/\] lifebound: the script ended$/d
/\] (reboot: |ACPI: PM: Preparing to enter )/d

: show
p
