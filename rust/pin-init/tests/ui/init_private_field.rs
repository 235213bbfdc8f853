// SPDX-License-Identifier: GPL-2.0

//! Code that cannot write a struct literal cannot write an initialiser.

mod inner {
    #[pin_init::pin_data]
    pub struct Guarded {
        pub open: u8,
        #[cfg(reject)]
        closed: u8,
    }
}

pub fn guarded() -> impl pin_init::PinInit<inner::Guarded> {
    pin_init::pin_init!(inner::Guarded {
        open: 1,
        #[cfg(reject)]
        closed: 2, //~ E0624 method `closed` is private
    })
}
