// SPDX-License-Identifier: GPL-2.0

//! `#[pinned_drop]` does not lend its `unsafe` to a trait that is only called `PinnedDrop`.

use std::pin::Pin;

pub mod other {
    #[cfg(not(reject))]
    pub use pin_init::PinnedDrop;
    #[cfg(reject)]
    pub use pin_init::Zeroable as PinnedDrop;
}

#[pin_init::pin_data(PinnedDrop)]
pub struct One(pub u8);

#[pin_init::pinned_drop]
impl other::PinnedDrop for One {
    fn drop(self: Pin<&mut Self>) {}
}

pub fn zeroed() {
    #[cfg(reject)]
    let _: One = pin_init::zeroed(); //~ E0277 all zero bytes are not known to be a value of `One`
}
