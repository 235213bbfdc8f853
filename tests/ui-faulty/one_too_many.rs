// SPDX-License-Identifier: GPL-2.0
//@ finds Seen . line: 9, code: "E0308"

//! There is one error more than the file says.

#[cfg(reject)]
pub fn both() -> u8 {
    let _: u8 = ""; //~ E0308 mismatched types
    0_u16
}
