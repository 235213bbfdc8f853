// SPDX-License-Identifier: GPL-2.0

//! The script that makes a guest trace.

use std::fmt::Write as _;

use crate::{
    known::{ALLOCATES, CALLS, KNOWN, OTHERS, PROBE, RELEASE},
    symbols::GETS_LANDMARK,
};

/// What the guest does before the driver's own script. `MODULES` start after the kernel's own text.
const BEGIN: &str = r#"#!/bin/sh
# usage: trace begin | end
cd /sys/kernel/tracing || exit

# calls FUNCTION: records its calls. Not every kernel has each function. Those of USB may be in a
# module that is not there yet.
calls() {
	place=$1
	echo "p:lifebound/$1 $place caller=\$stack0 a0=%di a1=%si a2=%dx a3=%cx a4=%r8 a5=%r9" && return
	case $1 in usb_*) place=usbcore:$1 ;; *) return 1 ;; esac
	echo "p:lifebound/$1 $place caller=\$stack0 a0=%di a1=%si a2=%dx a3=%cx a4=%r8 a5=%r9"
} 2>/dev/null >>kprobe_events

# both FUNCTION: its returns as well. Those of void have no value, and some kernels know that.
both() {
	calls "$1" || return
	echo "r:lifebound/$1_returns $place returned=\$retval" || echo "r:lifebound/$1_returns $place"
} 2>/dev/null >>kprobe_events

# returns FUNCTION: records what it returns.
returns() {
	echo "r:lifebound/$1 $1 returned=\$retval"
} 2>/dev/null >>kprobe_events

# stack EVENT [FILTER]: records who has called, too.
stack() {
	[ ! -d "events/$1" ] || echo "stacktrace${2:+ if $2}" >"events/$1/trigger"
	[ ! -d "events/$1" ] || [ -z "$2" ] || echo "$2" >"events/$1/filter"
}

end() {
	echo 0 >tracing_on
	# Afterwards QEMU has all of it.
	stty raw -echo </dev/ttyS3 && cat trace >/dev/ttyS3
}

begin() {
	echo 0 >tracing_on
	echo 8192 >buffer_size_kb
	echo 1 >options/sym-addr
	# Modules lie behind the kernel's own text.
	read -r text _ <<-END
		$(grep ' _etext$' /proc/kallsyms)
	END
"#;

const END: &str = r#"	stack printk/console
	stack dev/devres_log
	echo 1 >events/printk/console/enable
	echo 1 >events/dev/devres_log/enable
	echo 1 >events/lifebound/enable
	echo >trace
	echo 1 >tracing_on
}

"$@"
"#;

/// Writes the script for a module that needs `needed` of the kernel.
pub(crate) fn script(needed: &[&str]) -> String {
    let mut script = BEGIN.to_owned();
    for function in [PROBE, RELEASE].iter().chain(CALLS) {
        let _ = writeln!(script, "\tboth {function}");
        if *function == RELEASE {
            let _ = writeln!(script, "\tstack lifebound/{function}");
        }
    }
    // C may call it in place of the module.
    let indirect = ["iounmap"];
    for known in KNOWN {
        let function = known.function;
        if needed.contains(&function) || indirect.contains(&function) {
            let _ = writeln!(script, "\tboth {function}\n\tstack lifebound/{function}");
        }
    }
    for function in OTHERS
        .iter()
        .chain(&[GETS_LANDMARK])
        .filter(|function| needed.contains(function))
    {
        let _ = writeln!(
            script,
            "\tcalls {function}\n\tstack lifebound/{function} \"caller > 0x$text\""
        );
    }
    for function in ALLOCATES
        .iter()
        .filter(|function| needed.contains(function))
    {
        let _ = writeln!(
            script,
            "\treturns {function}\n\tstack lifebound/{function} \"__probe_ret_ip > 0x$text\""
        );
    }
    script + END
}
