// SPDX-License-Identifier: GPL-2.0

//! The memory of a directory: the head that C uses, and the driver's data.

use super::root::{Head, Root};
use crate::{bindings, init::never_fails, prelude::*, sync::Arc};

/// The memory of a directory: what C uses, and the driver's data.
#[pin_data]
#[repr(C)]
pub(super) struct Body<Data> {
    #[pin]
    head: Head,
    #[pin]
    data: Data,
}

impl<Data> Body<Data> {
    /// Returns an initialiser of a directory that C does not know.
    ///
    /// # Errors
    ///
    /// The error of `data`.
    pub(super) fn new(
        root: Option<Arc<Root>>,
        data: impl PinInit<Data, Error>,
    ) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            head <- never_fails::<_, Error>(Head::new(root)),
            data <- data,
        })
    }

    pub(super) fn head(&self) -> &Head {
        &self.head
    }

    pub(super) fn head_mut(self: Pin<&mut Self>) -> Pin<&mut Head> {
        self.project().head
    }

    pub(super) fn data(&self) -> &Data {
        &self.data
    }
}

/// The memory of a directory with this item.
///
/// # Safety
///
/// `item` must be that of a directory of this crate's with a `Data`. It must be alive for as long
/// as the caller uses the result.
pub(super) unsafe fn body_of<'a, Data>(item: *mut bindings::config_item) -> &'a Body<Data> {
    // SAFETY: a reference requires a live `Body`: an item's address is that of its head (CFG-HEAD),
    // with which a `Body` begins, and the caller vouches for data and lifetime.
    unsafe { &*item.cast() }
}
