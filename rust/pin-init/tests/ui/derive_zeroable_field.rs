// SPDX-License-Identifier: GPL-2.0

//! Each field has to be `Zeroable`; the error marks the field that is not.

use pin_init::Zeroable;

#[derive(Zeroable)]
pub struct Three<'a> {
    pub a: u8,
    #[cfg(not(reject))]
    pub b: Option<&'a u8>,
    #[cfg(reject)]
    pub b: &'a u8, //~ E0277 all zero bytes are not known to be a value of `&'a u8`
    pub c: [u16; 3],
}
