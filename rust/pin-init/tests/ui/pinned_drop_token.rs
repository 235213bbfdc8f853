// SPDX-License-Identifier: GPL-2.0

//! Safe code cannot make the token that the destructor requires.

use std::pin::Pin;

use pin_init::{pin_data, pinned_drop};

#[pin_data(PinnedDrop)]
pub struct Pair {
    pub first: Box<u8>,
}

#[pinned_drop]
impl PinnedDrop for Pair {
    fn drop(self: Pin<&mut Self>) {
        *self.project().first = Box::new(0);
    }
}

pub fn destroy(mut pair: Pin<Box<Pair>>) {
    #[cfg(reject)]
    pin_init::PinnedDrop::drop(
        pair.as_mut(),
        pin_init::__internal::OnlyCallFromDrop::new(), //~ E0133 call to unsafe function
    );
    #[cfg(not(reject))]
    pair.as_mut().set(Pair { first: Box::new(1) });
    drop(pair);
}
