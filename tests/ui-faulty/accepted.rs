// SPDX-License-Identifier: GPL-2.0
//@ finds ^accepted with `--cfg reject`

//! The program that must not compile compiles.

pub fn byte() -> u8 {
    #[cfg(not(reject))]
    let byte = 1_u8;
    #[cfg(reject)]
    let byte = 2_u8; //~ E0308 mismatched types
    byte
}
