// SPDX-License-Identifier: GPL-2.0
//! Prints how many thousand times a second this processor's time stamp counter (TSC) counts.

use std::{
    arch::x86_64::_rdtsc,
    thread,
    time::{Duration, Instant},
};

/// The clock and the counter at the same time. Of several tries, the result is the one that was
/// interrupted least.
fn read_both() -> (Instant, u64) {
    let tries = (0..20).map(|_| {
        let before = Instant::now();
        // SAFETY: `_rdtsc` requires a processor with the instruction, and permission to use it:
        // each processor of this architecture has it, and Linux lets programs use it.
        let counter = unsafe { _rdtsc() };
        (before.elapsed(), before, counter)
    });
    let (_, clock, counter) = tries.min().expect("there are tries");
    (clock, counter)
}

fn main() {
    let (first_clock, first) = read_both();
    thread::sleep(Duration::from_millis(100));
    let (clock, last) = read_both();
    println!(
        "{}",
        u128::from(last - first) * 1_000_000 / (clock - first_clock).as_nanos()
    );
}
