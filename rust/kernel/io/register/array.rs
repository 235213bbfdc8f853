// SPDX-License-Identifier: GPL-2.0

//! Arrays of equal registers.

use core::marker::PhantomData;

use super::Register;
use crate::build_assert;
use crate::io::{IoLoc, Region};

/// An array of registers with the same fields.
pub trait RegisterArray: Register {
    /// The number of elements.
    const SIZE: usize;

    /// The distance from one element to the next, in bytes.
    const STRIDE: usize;
}

/// The offset of element `idx`, from the point from which offsets of `T` count.
#[inline(always)]
pub(super) const fn element_offset<T: RegisterArray>(idx: usize) -> usize {
    // OVERFLOW: the sum wraps only if a hand-written `T` claims an absurd place. The access checks
    // any result.
    T::OFFSET.wrapping_add(idx.wrapping_mul(T::STRIDE))
}

/// The place of one element.
pub struct RegisterArrayLoc<T: RegisterArray> {
    idx: usize,
    register: PhantomData<fn() -> T>,
}

impl<T: RegisterArray> RegisterArrayLoc<T> {
    /// The place of element `idx`. Fails the build unless `idx` is known to be less than `T::SIZE`.
    #[inline(always)]
    pub fn new(idx: usize) -> Self {
        build_assert!(idx < T::SIZE, "the register array has no such element");
        Self {
            idx,
            register: PhantomData,
        }
    }

    /// The place of element `idx`, or `None` if there is no such element.
    #[inline(always)]
    pub fn try_new(idx: usize) -> Option<Self> {
        (idx < T::SIZE).then_some(Self {
            idx,
            register: PhantomData,
        })
    }
}

impl<const SIZE: usize, T: RegisterArray> IoLoc<Region<SIZE>, T> for RegisterArrayLoc<T> {
    type IoType = T::Storage;

    #[inline(always)]
    fn offset(self) -> usize {
        element_offset::<T>(self.idx)
    }
}

/// Gives a register array its methods `at` and `try_at`.
pub trait Array {
    /// The place of element `idx`. Fails the build unless `idx` is known to be within the array.
    #[inline(always)]
    fn at(idx: usize) -> RegisterArrayLoc<Self>
    where
        Self: RegisterArray,
    {
        RegisterArrayLoc::new(idx)
    }

    /// The place of element `idx`, or `None` if there is no such element.
    #[inline(always)]
    fn try_at(idx: usize) -> Option<RegisterArrayLoc<Self>>
    where
        Self: RegisterArray,
    {
        RegisterArrayLoc::try_new(idx)
    }
}
