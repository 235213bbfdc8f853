// SPDX-License-Identifier: GPL-2.0

//! Covariance cannot be claimed: not by hand, and not by the names that the macros use.

#![forbid(unsafe_code)]

use core::cell::Cell;

use kernel::types::{CovariantForLt, ForLt};

pub struct Mine;

impl ForLt for Mine {
    type Of<'a> = Cell<&'a u8>;
}

#[cfg(reject)]
impl CovariantForLt for Mine {
    //~^ E0200
    fn cast_ref<'r, 'short: 'r, 'long: 'short>(long: &'r Cell<&'long u8>) -> &'r Cell<&'short u8> {
        long //~ lifetime may not live long enough
    }
}

#[cfg(reject_2)]
unsafe impl CovariantForLt for Mine {
    //~2^ implementation of an `unsafe` trait
    fn cast_ref<'r, 'short: 'r, 'long: 'short>(_: &'r Cell<&'long u8>) -> &'r Cell<&'short u8> {
        loop {}
    }
}

#[cfg(reject_3)]
impl<'a> kernel::types::for_lt::sealed::WithLt<'a> for Mine {
    //~3^ E0603
    type Of = Cell<&'a u8>;
}

#[cfg(reject_4)]
type Named = kernel::types::for_lt::sealed::Lt<Mine, 1>; //~4 E0603

#[cfg(reject_5)]
type Expanded =
    kernel::macros::__for_lt!([sealed::Lt] [sealed::WithLt] [sealed::PhantomData] 0 Cell<&'_ u8>); //~5 E0433 cannot find
//~5^ E0433 cannot find

#[cfg(reject_6)]
type Path = kernel::macros::__for_lt!(
    [kernel::types::for_lt::sealed::Lt] //~6 E0603
    [kernel::types::for_lt::sealed::WithLt] [core::marker::PhantomData]
    0 Cell<&'_ u8>
);

fn check<F: CovariantForLt>() {}

pub fn covariant() {
    check::<CovariantForLt!(&u8)>();
    #[cfg(reject_7)]
    check::<Mine>(); //~7 E0277
}

#[cfg(reject_8)]
impl<const SIZE: usize> CovariantForLt for kernel::pci::Bar<'static, SIZE> {
    //~8^ E0117
    //~8^^ E0200
    fn cast_ref<'r, 'short: 'r, 'long: 'short>(long: &'r Self::Of<'long>) -> &'r Self::Of<'short> {
        long
    }
}
