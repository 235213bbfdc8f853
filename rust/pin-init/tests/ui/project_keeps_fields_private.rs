// SPDX-License-Identifier: GPL-2.0

//! A projected field is as visible as the field.

use std::pin::Pin;

mod inner {
    #[pin_init::pin_data]
    pub struct Guarded {
        #[pin]
        pub open: u8,
        #[cfg(reject)]
        closed: u8,
        #[cfg(not(reject))]
        pub closed: u8,
    }
}

pub fn both(mut guarded: Pin<&mut inner::Guarded>) -> u8 {
    *guarded.as_mut().project().open + *guarded.project().closed //~ E0616 field `closed`
}
