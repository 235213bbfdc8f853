// SPDX-License-Identifier: GPL-2.0

//! `#[pinned_drop]` takes `impl PinnedDrop` with one method of one parameter.

use std::pin::Pin;

use pin_init::{pin_data, pinned_drop};

#[pin_data(PinnedDrop)]
pub struct One;
#[pin_data(PinnedDrop)]
pub struct Two;
#[pin_data(PinnedDrop)]
pub struct Three;

#[cfg(not(reject))]
#[pinned_drop]
impl PinnedDrop for One {
    fn drop(self: Pin<&mut Self>) {}
}

#[cfg(not(reject))]
#[pinned_drop]
impl pin_init::PinnedDrop for Two {
    fn drop(mut self: Pin<&mut Self>) {
        let _: Pin<&mut Self> = self.as_mut();
    }
}

#[cfg(not(reject))]
#[pinned_drop]
impl PinnedDrop for Three {
    fn drop(self: Pin<&mut Three>) {}
}

#[cfg(reject)]
#[pinned_drop]
unsafe impl PinnedDrop for One {
    //~^ `#[pinned_drop]` adds the `unsafe` itself
    fn drop(self: Pin<&mut Self>, more: u8) {} //~ expected the one parameter
    fn other() {} //~ expected `fn drop(self: Pin<&mut Self>)` and nothing else
}

#[cfg(reject)]
#[pinned_drop]
impl Drop for Two {
    //~^ expected an implementation of `PinnedDrop`
    fn drop(&mut self) {}
}

#[cfg(reject)]
#[pinned_drop(now)] //~ `#[pinned_drop]` takes no arguments
impl Three {
    //~^ expected `impl PinnedDrop for` this type
    //~^^ expected `fn drop(self: Pin<&mut Self>)` and nothing else
}
