// SPDX-License-Identifier: GPL-2.0

//! A crate as strict as a driver can be uses every macro.
//!
//! `forbid` is stronger than `deny`: an `allow` inside an expansion would be an error.

#![forbid(unsafe_code)]
#![forbid(
    dead_code,
    unused_variables,
    unused_mut,
    unused_imports,
    unused_braces,
    unused_must_use,
    unused_assignments,
    non_snake_case,
    non_camel_case_types,
    non_local_definitions,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    private_bounds,
    private_interfaces,
    trivial_bounds,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements
)]
#![deny(warnings, clippy::all, clippy::pedantic)]
#![deny(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::shadow_reuse,
    clippy::shadow_same,
    clippy::let_underscore_untyped,
    clippy::mem_forget
)]

use std::convert::Infallible;
use std::marker::PhantomPinned;
use std::pin::Pin;

use pin_init::{
    Init, MaybeZeroable, PinInit, Zeroable, assert_pinned, init, init_array_from_fn, pin_data,
    pin_init, pinned_drop, stack_pin_init, stack_try_pin_init, try_init, try_pin_init, uninit,
};

/// No code outside this crate uses a field or method of this struct, and no code uses `project`.
#[pin_data]
#[derive(Zeroable)]
struct Private<T> {
    #[pin]
    pinned: T,
    loose: u8,
}

/// A struct like the data of a driver.
#[pin_data(PinnedDrop)]
#[derive(Debug)]
pub struct Data<'bound, T, const N: usize>
where
    T: Copy,
{
    /// A field that is visible to everybody.
    pub number: u32,
    #[pin]
    buffer: [T; N],
    #[pin]
    pinned: PhantomPinned,
    /// A field that is visible to the crate.
    pub(crate) name: &'bound str,
    #[cfg(any())]
    gone: u8,
}

#[pinned_drop]
impl<T, const N: usize> PinnedDrop for Data<'_, T, N>
where
    T: Copy,
{
    fn drop(self: Pin<&mut Self>) {
        *self.project().number = 0;
    }
}

/// The error of this crate.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused;

impl<'bound, T: Copy + Default, const N: usize> Data<'bound, T, N> {
    /// Fails for an empty name.
    ///
    /// # Errors
    ///
    /// [`Refused`] if the name is empty.
    #[inline]
    pub fn new(name: &'bound str) -> impl PinInit<Self, Refused> {
        try_pin_init!(&this in Self {
            buffer: [T::default(); N],
            number: u32::try_from(buffer.len()).map_err(|_| Refused)?,
            _: {
                if name.is_empty() {
                    return Err(Refused);
                }
            },
            #[cfg(any())]
            gone: 1,
            pinned: PhantomPinned,
            name,
            _: { assert!(this.is_aligned() || *number > 0) },
        }? Refused)
    }
}

assert_pinned!(Data<'static, u8, 1>, buffer, [u8; 1]);

/// The derive is on a type of which no field is read.
#[derive(MaybeZeroable, Clone, Copy)]
#[repr(C)]
union Either {
    left: u8,
    right: u64,
}

fn private() -> impl PinInit<Private<u16>> {
    pin_init!(Private {
        pinned: 3,
        ..Zeroable::init_zeroed()
    })
}

fn movable(fail: bool) -> impl Init<Private<[u8; 2]>, Refused> {
    try_init!(Private {
        pinned <- init_array_from_fn::<_, 2, _, Refused>(|_| Ok(7)),
        loose: if fail { return Err(Refused) } else { 1 },
    }? Refused)
}

#[test]
fn strict_crates_can_use_everything() -> Result<(), Refused> {
    #[pin_data]
    struct Local {
        #[pin]
        never_read: u8,
    }

    stack_try_pin_init!(let data =? Data::<u8, 4>::new("name"));
    assert_eq!((data.number, data.buffer, data.name), (4, [0; 4], "name"));
    stack_try_pin_init!(let data = Data::<u8, 4>::new(""));
    assert_eq!(data.err().map(|error| error == Refused), Some(true));

    stack_pin_init!(let local = pin_init!(Local { never_read: 1 }));
    let _: Pin<&mut Local> = local;

    stack_pin_init!(let private = private());
    assert_eq!((private.pinned, private.loose), (3, 0));
    stack_pin_init!(let plain = init!(Private { pinned: 1, loose: *pinned + 1 }));
    assert_eq!(plain.loose, 2);
    stack_try_pin_init!(let movable = movable(true));
    assert!(movable.is_err());

    stack_pin_init!(let either = Either::init_zeroed());
    let _: Pin<&mut Either> = either;
    stack_pin_init!(let _bytes: std::mem::MaybeUninit<u8> = uninit::<_, Infallible>());
    assert!(Option::<&u8>::zeroed().is_none());
    Ok(())
}
