// SPDX-License-Identifier: GPL-2.0

//! `assert_pinned!` looks at the field and at its type.

use pin_init::{assert_pinned, pin_data};

#[pin_data]
pub struct Pair {
    #[pin]
    pub pinned: u8,
    pub loose: u8,
}

#[cfg(not(reject))]
assert_pinned!(Pair, pinned, u8);
#[cfg(reject)]
assert_pinned!(Pair, loose, u8); //~ E0308 mismatched types
#[cfg(reject)]
assert_pinned!(Pair, pinned, u16); //~ E0308 mismatched types
