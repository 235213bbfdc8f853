// SPDX-License-Identifier: GPL-2.0

//! What a module has registered, and must not leave behind when it is unloaded.
//!
//! A registration is a value that a driver owns. It can be leaked, and the C side would then call into memory that the
//! module no longer occupies. It can lie on the stack of a thread that panics, and that stack is freed with the value in
//! it. So what C gets to know is [`Kept`]: in memory of its own, which nobody but its owner frees, and in the module's
//! list as well. What is still there when the module's own value has been dropped is ended then, the newest first.
//!
//! What cannot be done where it has to be done is [`LeftWork`], for which the module waits last.

use crate::scope::later;

mod kept;
mod left_work;

pub(crate) use kept::{Kept, Room};
pub(crate) use left_work::{LeftWork, Work, reap};

/// Makes the module's lists ready. Later calls do nothing.
///
/// Nothing can be registered on the host, where tests of other parts run.
///
/// # Safety
///
/// Calls must not run at the same time as each other.
pub(crate) unsafe fn begin() {
    if cfg!(target_os = "none") {
        // SAFETY: `begin` requires that its calls do not run at the same time; the caller vouches for it.
        unsafe { later::begin() };
        // SAFETY: as for `later::begin`.
        unsafe { kept::begin() };
        // SAFETY: as for `later::begin`.
        unsafe { left_work::begin() };
    }
}

/// Ends what the module has left registered. Called last at exit, and when the module's start failed. Context: process
/// context; may sleep.
pub(crate) fn end() {
    if cfg!(target_os = "none") {
        kept::end();
        // What ends later leaves work; work leaves nothing.
        later::end();
        left_work::end();
    }
}

#[cfg(lifebound_kunit)]
mod kunit;
