// SPDX-License-Identifier: GPL-2.0
//@ finds ^the near-twin is rejected

//! The near-twin has a warning.

pub fn byte() -> u8 {
    #[cfg(not(reject))]
    let (byte, more) = (1_u8, 1);
    #[cfg(reject)]
    let byte = 2_u16;
    byte //~ E0308 mismatched types
}
