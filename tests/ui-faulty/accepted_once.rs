// SPDX-License-Identifier: GPL-2.0
//@ finds ^accepted with `--cfg reject_2`

//! The first way is refused, the second is not.

pub fn byte() -> u8 {
    #[cfg(not(any(reject, reject_2)))]
    let byte = 1_u8;
    #[cfg(reject)]
    let byte = 2_u16;
    #[cfg(reject_2)]
    let byte = 2_u8;
    byte
    //~^ E0308 mismatched types
    //~2^^ E0308 mismatched types
}
