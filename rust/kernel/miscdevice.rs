// SPDX-License-Identifier: GPL-2.0

//! Character devices: `/dev/<name>`, with a minor number that the kernel chooses.
//!
//! C header: [`include/linux/miscdevice.h`](srctree/include/linux/miscdevice.h)
//!
//! | type | meaning |
//! |---|---|
//! | [`Node`], [`Files`] | a node that belongs to a device's binding: its methods may use the driver's data |
//! | [`MiscDeviceRegistration`], [`MiscDevice`] | a node that belongs to the module, as in Linux's own crate |
//!
//! A file may stay open for as long as its program likes. It keeps the module loaded (`rmmod` fails
//! with `EBUSY`), and it keeps what [`Files::open`] or [`MiscDevice::open`] returned. It does not
//! keep the device. The scope of a [`Node`] ends when the device is unplugged, for example. Then
//! these steps follow:
//!
//! 1. The node disappears. Calls on open files fail with `ENODEV`, and `poll()` returns `POLLHUP |
//!    POLLERR`.
//! 2. Threads that wait in [`OpenFile::wait_until`] are woken, and fail with `ENODEV`.
//!    [`Files::stopping`] is called, in which the driver wakes threads that wait in other ways.
//! 3. The scope waits for the calls that are running. The end of the binding takes as long as the
//!    longest of them. A call that copies from or to a program's memory may take as long as the
//!    program lives, see [`uaccess`](crate::uaccess).
//! 4. The driver's `Files` value is dropped. The data that it borrows is still there.
//!
//! # Within `open`
//!
//! C calls a node's `open` with a lock held. Making and removing a node takes the same lock,
//! whatever module the node belongs to. So two rules hold in [`Files::open`] and
//! [`MiscDevice::open`], on the thread that opens:
//!
//! - A function that makes a node returns `EDEADLK`. So does a function that may have a driver make
//!   one: it makes an auxiliary device or an I2C client, or registers a driver.
//! - The drop of a handle of one of these does not wait for its end. A work item ends it when
//!   `open` has returned.
//!
//! The crate cannot notice that `open` *waits for another thread* that makes or removes a node. For
//! example, `open` may flush a work item that does so, or wait for that item's completion. Both
//! threads wait for ever then, and so does each later `open` of a misc device. lockdep reports it
//! if it sees the two locks for which they wait.
//!
//! A BAR cannot be mapped into a program: the mapping would have to be removed in step 1.

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
/// `EIOCBQUEUED` becomes `EINVAL`. C takes it for a promise that the request will be completed
/// later, and nothing would complete it.
fn request_error(error: Error) -> isize {
    let error = if error == EIOCBQUEUED { EINVAL } else { error };
    // CAST: the value is widened.
    error.to_errno() as isize
}

/// The result of a request for C. C trusts in the number of bytes, so the result is at most
/// `limit`.
fn request(limit: usize, result: crate::error::Result<usize>) -> isize {
    match result {
        // CAST: C limits a request to less than `isize::MAX` bytes.
        Ok(bytes) => bytes.min(limit) as isize,
        Err(error) => request_error(error),
    }
}
