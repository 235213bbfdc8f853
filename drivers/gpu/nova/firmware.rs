// SPDX-License-Identifier: GPL-2.0

//! The firmware that the chip boots by itself.

use kernel::{
    device::Bound,
    io::{Io, poll::read_poll_timeout},
    pci,
    prelude::*,
    time::Delta,
};

use crate::regs::{Bar0, GFW_BOOT_PROGRESS, GFW_BOOT_PROGRESS_MASK, GFW_BOOTED, still_there};

/// The longest time that a boot may take.
const TIMEOUT_MS: i64 = 4000;

/// Waits until the firmware has booted. Before that, most registers have no meaning.
///
/// Context: process context; may sleep.
///
/// # Errors
///
/// `ETIMEDOUT` if the firmware does not boot; `ENODEV` if the chip does not answer any more.
pub(crate) fn wait(pdev: &pci::Device<Bound>, bar: &Bar0<'_>) -> Result {
    let booted = read_poll_timeout(
        || Ok(progress(bar)),
        |progress| *progress == Some(GFW_BOOTED),
        Delta::from_millis(1),
        Delta::from_millis(TIMEOUT_MS),
    );
    // A chip that is gone seems to have booted.
    still_there(pdev, bar, "while its firmware booted")?;
    booted.map(drop).inspect_err(|_| match progress(bar) {
        Some(stage) => dev_err!(
            pdev,
            "the firmware has not booted within {TIMEOUT_MS} ms: it is at stage {stage:#x}\n"
        ),
        None => dev_err!(
            pdev,
            "the firmware has not booted within {TIMEOUT_MS} ms: its progress cannot be read\n"
        ),
    })
}

/// How far the boot is, once the firmware lets software read that.
fn progress(bar: &Bar0<'_>) -> Option<u32> {
    bar.read(GFW_BOOT_PROGRESS_MASK)
        .readable()
        .then(|| bar.read(GFW_BOOT_PROGRESS).stage().get())
}
