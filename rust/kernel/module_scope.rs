// SPDX-License-Identifier: GPL-2.0

//! The registrations of a module, which the module must not leave behind when it is unloaded.
//!
//! A registration is a value that a driver owns. Two things can go wrong with it:
//!
//! - It can be leaked. The C side would then call into memory that the module no longer occupies.
//! - It can lie on the stack of a thread that panics. That stack is freed with the value in it.
//!
//! So what C gets to know is [`Kept`]. It is in memory of its own, which only its owner frees, and
//! in the module's list as well. The entries that are still there when the module's own value was
//! dropped are ended then, the newest first.
//!
//! An end that cannot do all its work where it runs leaves a [`LeftWork`]. The module waits for
//! such work last.

use crate::{scope::later, sync::lock::global};

mod kept;
mod left_work;

pub(crate) use kept::{Kept, Room};
pub(crate) use left_work::{LeftWork, Work, reap};

/// Makes the module's lists ready. Later calls do nothing.
///
/// On the host, where tests of other parts run, this does nothing, and nothing can be registered.
///
/// # Safety
///
/// Calls must not run at the same time as each other.
pub(crate) unsafe fn begin() {
    if cfg!(target_os = "none") {
        // SAFETY: `later::begin` requires that its calls do not run at the same time: the caller
        // vouches for it.
        unsafe { later::begin() };
        // SAFETY: `kept::begin` requires that its calls do not run at the same time: the caller
        // vouches for it.
        unsafe { kept::begin() };
        // SAFETY: `left_work::begin` requires that its calls do not run at the same time: the
        // caller vouches for it.
        unsafe { left_work::begin() };
    }
}

/// Ends the registrations that the module has left, and drops the data of its global locks. It is
/// called last at exit, and when the module's start has failed.
///
/// Context: process context; may sleep.
pub(crate) fn end() {
    if cfg!(target_os = "none") {
        end_registrations();
        global::end();
        // The drop of such data may have registered something, and forgotten it. What is put into
        // a lock from here on stays there, and C does not know it.
        end_registrations();
    }
}

/// Ends the registrations that there are, and waits for the work that this leaves.
fn end_registrations() {
    kept::end();
    // An entry that ends later leaves work. Left work leaves nothing.
    later::end();
    left_work::end();
}

#[cfg(lifebound_kunit)]
mod kunit;
