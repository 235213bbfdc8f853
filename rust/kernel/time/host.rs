// SPDX-License-Identifier: GPL-2.0

//! What stands in for the kernel's functions in tests on the host.
//!
//! They have the names and signatures of those in `bindings`, and are `unsafe` for that reason
//! only.

use std::cell::Cell;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use crate::bindings::ktime_t;
use crate::ffi::c_ulong;

std::thread_local!(pub(super) static WARNINGS: Cell<u32> = const { Cell::new(0) });

/// Nanoseconds since the first call.
fn now() -> ktime_t {
    static START: OnceLock<Instant> = OnceLock::new();
    let start = START.get_or_init(Instant::now);
    ktime_t::try_from(start.elapsed().as_nanos()).unwrap()
}

/// Declares the clocks, which are all alike.
macro_rules! clocks {
    ($($name:ident)*) => {$(
        /// # Safety
        ///
        /// Safe.
        pub(super) unsafe fn $name() -> ktime_t {
            now()
        }
    )*};
}

clocks!(lb_ktime_get lb_ktime_get_real lb_ktime_get_boottime lb_ktime_get_clocktai);

/// # Safety
///
/// Safe.
pub(super) unsafe fn lb_fsleep(micros: c_ulong) {
    thread::sleep(Duration::from_micros(u64::try_from(micros).unwrap()));
}

/// # Safety
///
/// Safe.
pub(super) unsafe fn lb_udelay(micros: c_ulong) {
    let end = now() + ktime_t::try_from(micros).unwrap() * 1_000;
    while now() < end {
        std::hint::spin_loop();
    }
}
