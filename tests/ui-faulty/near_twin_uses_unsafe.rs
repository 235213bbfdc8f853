// SPDX-License-Identifier: GPL-2.0
//@ finds usage of an `unsafe` block

//! A driver may not write the near-twin.

pub fn byte(from: *const u8) -> u8 {
    #[cfg(not(reject))]
    let byte = unsafe { *from };
    #[cfg(reject)]
    let byte = *from; //~ E0133
    byte
}
