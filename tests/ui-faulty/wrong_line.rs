// SPDX-License-Identifier: GPL-2.0
//@ finds line: 10, words

//! The error is on another line.

pub fn byte() -> u8 {
    #[cfg(not(reject))]
    let byte = 1_u8;
    #[cfg(reject)]
    let byte = 2_u16; //~ E0308 mismatched types
    byte
}
