// SPDX-License-Identifier: GPL-2.0

//! Type parameters have to be `Zeroable`.

use pin_init::Zeroable;

#[derive(Zeroable)]
pub struct One<T> {
    pub a: T,
}

pub fn one() {
    #[cfg(not(reject))]
    let _: One<Option<&u8>> = pin_init::zeroed();
    #[cfg(reject)]
    let _: One<&u8> = pin_init::zeroed(); //~ E0277 all zero bytes are not known to be a value of `&u8`
}
