// SPDX-License-Identifier: GPL-2.0

//! The destructor cannot move a pinned field away.

use std::marker::PhantomPinned;
use std::pin::Pin;

use pin_init::{pin_data, pinned_drop};

#[pin_data(PinnedDrop)]
pub struct One {
    #[pin]
    pub pinned: Option<PhantomPinned>,
    pub loose: Option<PhantomPinned>,
}

#[pinned_drop]
impl PinnedDrop for One {
    fn drop(self: Pin<&mut Self>) {
        let mut this = self.project();
        let _ = this.loose.take();
        #[cfg(reject)]
        let _ = this.pinned.as_mut().take(); //~ E0596
        let _: Pin<&mut Option<PhantomPinned>> = this.pinned.as_mut();
    }
}
