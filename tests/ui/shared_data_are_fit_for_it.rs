// SPDX-License-Identifier: GPL-2.0

//! Data that several threads can reach are `Send` and `Sync` as far as the threads can reach them.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Device},
    prelude::*,
    revocable::Revocable,
    sync::Arc,
};

fn send<T: Send>() {}
fn share<T: Sync>() {}

pub fn bounds<'a>(_: &'a Device<Bound>) {
    send::<Arc<u8>>();
    send::<&'a Device<Bound>>();
    share::<Revocable<u8>>();
    #[cfg(reject)]
    send::<Arc<core::cell::Cell<u8>>>(); //~ E0277
    #[cfg(reject_2)]
    send::<Arc<core::marker::PhantomData<*mut u8>>>();
    //~2^ E0277
    //~2^^ E0277
    #[cfg(reject_3)]
    send::<KBox<*mut u8>>(); //~3 E0277
    #[cfg(reject_4)]
    send::<KVec<*mut u8>>(); //~4 E0277
    #[cfg(reject_5)]
    share::<Revocable<core::cell::Cell<u8>>>(); //~5 E0277
    #[cfg(reject_6)]
    send::<Device<Bound>>(); //~6 E0277
    #[cfg(reject_7)]
    send::<kernel::types::Opaque<*mut u8>>(); //~7 E0277
}

pub struct Module {
    #[cfg(not(reject_8))]
    content: u8,
    #[cfg(reject_8)]
    content: core::cell::Cell<u8>,
}

impl kernel::Module for Module {
    //~8^ E0277
    fn init(_: &'static ThisModule) -> Result<Self> {
        Ok(Self { content: 0.into() })
    }
}
