// SPDX-License-Identifier: GPL-2.0
//@ finds ^the file expects no error

//! A file that expects no errors shows nothing.

pub fn byte() -> u8 {
    1
}
