// SPDX-License-Identifier: GPL-2.0
//@ finds words: "E0308 no such words"

//! The error has other words.

pub fn byte() -> u8 {
    #[cfg(not(reject))]
    let byte = 1_u8;
    #[cfg(reject)]
    let byte = 2_u16;
    byte //~ E0308 no such words
}
