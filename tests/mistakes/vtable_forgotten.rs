// SPDX-License-Identifier: GPL-2.0

//! The operations of a node stand without `#[vtable]`.

#![forbid(unsafe_code)]

use kernel::{
    fs::File,
    miscdevice::{MiscDevice, MiscDeviceRegistration},
    prelude::*,
};

pub struct Mistake;

#[cfg_attr(not(any(reject, reject_2)), vtable)]
impl MiscDevice for Mistake {
    type Ptr = KBox<Self>;

    // What a compiler's proposal once was.
    #[cfg(reject_2)]
    const ATTRIBUTE_VTABLE_IS_MISSING_ABOVE_THIS_IMPL: () = ();

    fn open(_: &File, _: &MiscDeviceRegistration<Self>) -> Result<KBox<Self>> {
        Ok(KBox::new(Self, GFP_KERNEL)?)
    }
}
