// SPDX-License-Identifier: GPL-2.0
//@ finds ^the near-twin is rejected

//! The near-twin does not compile either.

pub fn byte() -> u8 {
    "" //~ E0308 mismatched types
}
