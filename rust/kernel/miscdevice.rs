// SPDX-License-Identifier: GPL-2.0

//! Character devices: `/dev/<name>`, with a minor number that the kernel chooses.
//!
//! C header: [`include/linux/miscdevice.h`](srctree/include/linux/miscdevice.h)
//!
//! | | |
//! |---|---|
//! | [`Node`], [`Files`] | a node that belongs to a device's binding: what it does may use the driver's data |
//! | [`MiscDeviceRegistration`], [`MiscDevice`] | a node that belongs to the module, as in Linux's own crate |
//!
//! A file may stay open for as long as its program likes. It keeps the module loaded (`rmmod` fails with `EBUSY`), and
//! what [`Files::open`] or [`MiscDevice::open`] returned. It does not keep the device: when the scope of a [`Node`] ends,
//! because the device was unplugged for example,
//!
//! 1. the node disappears, and calls on open files fail with `ENODEV`, `poll()` says `POLLHUP | POLLERR`;
//! 2. who waits in [`OpenFile::wait_until`] is woken, and fails with `ENODEV`; [`Files::stopping`] is called, in which the
//!    driver wakes whoever waits otherwise;
//! 3. calls that are running are waited for. The end of the binding takes as long as the longest of
//!    them. A call that copies from or to a program's memory may take as long as the program lives,
//!    see [`uaccess`](crate::uaccess);
//! 4. the driver's `Files` value is dropped. What it borrows is still there.
//!
//! # Within `open`
//!
//! C calls a node's `open` with a lock held that making and removing a node takes, of whatever
//! module. So in [`Files::open`] and [`MiscDevice::open`], on the thread that opens,
//!
//! - making a node, or what may have a driver make one (an auxiliary device, an I2C client, the
//!   registration of a driver), is `EDEADLK`;
//! - dropping a handle of one of these does not wait for its end: a work item ends it when `open`
//!   has returned.
//!
//! What cannot be noticed is that `open` *waits for another thread* that makes or removes a node:
//! flushes a work item whose job does so, or waits for a completion of it, for example. Both wait
//! for ever then, and so does each later `open` of a misc device. lockdep reports it if it sees the
//! two locks that are waited for.
//!
//! Mapping a BAR into a program is not supported: the mapping would have to be taken away in step 1.

use crate::error::{Error, code::*};

mod files;
mod node;
mod operations;
mod registration;
mod shared;

pub use self::{
    files::{Files, OpenFile},
    node::{Node, NodeOptions},
    registration::{MiscDevice, MiscDeviceOptions, MiscDeviceRegistration},
};

/// The errno for C of a failed request to read or write.
///
/// C takes one of them for a promise that the request will be completed later, which there is nobody to do.
fn request_error(error: Error) -> isize {
    let error = if error == EIOCBQUEUED { EINVAL } else { error };
    // CAST: widened.
    error.to_errno() as isize
}

/// The result of a request for C, which trusts in the number of bytes: at most `limit`.
fn request(limit: usize, result: crate::error::Result<usize>) -> isize {
    match result {
        // CAST: C limits a request to less than `isize::MAX` bytes.
        Ok(bytes) => bytes.min(limit) as isize,
        Err(error) => request_error(error),
    }
}
