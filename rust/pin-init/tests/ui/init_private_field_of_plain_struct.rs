// SPDX-License-Identifier: GPL-2.0

//! Code that cannot write a struct literal cannot write an initialiser.

mod inner {
    pub struct Guarded {
        pub open: u8,
        #[cfg(reject)]
        closed: u8,
    }
}

pub fn guarded() -> impl pin_init::Init<inner::Guarded> {
    pin_init::init!(inner::Guarded {
        open: 1,
        #[cfg(reject)]
        closed: 2, //~ E0616 field `closed` of struct `Guarded` is private
    })
}
