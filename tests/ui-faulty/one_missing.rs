// SPDX-License-Identifier: GPL-2.0
//@ finds line: 9, words: "E0308

//! There is one error less than the file says.

#[cfg(reject)]
pub fn both() -> u8 {
    let _: u8 = ""; //~ E0308 mismatched types
    0_u8 //~ E0308 mismatched types
}
