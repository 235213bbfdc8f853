// SPDX-License-Identifier: GPL-2.0
//@ finds code: "E0308"

//! The error has another code.

pub fn byte() -> u8 {
    #[cfg(not(reject))]
    let byte = 1_u8;
    #[cfg(reject)]
    let byte = 2_u16;
    byte //~ E0277 mismatched types
}
