// SPDX-License-Identifier: GPL-2.0

//! Relative registers: a device has several sets of them, each at a base of its own.

use core::marker::PhantomData;

use super::array::element_offset;
use super::{Register, RegisterArray};
use crate::build_assert;
use crate::io::{IoLoc, Region};

/// The base of the set of registers of family `T` for which `Self` stands.
///
/// ```
/// use kernel::io::register::{RegisterBase, WithBase};
/// use kernel::io::{Io, Mmio, Region, register};
///
/// /// The family: what all channels have in common.
/// struct Channel;
///
/// struct Rx;
/// struct Tx;
///
/// impl RegisterBase<Channel> for Rx {
///     const BASE: usize = 0x100;
/// }
///
/// impl RegisterBase<Channel> for Tx {
///     const BASE: usize = 0x200;
/// }
///
/// register! {
///     /// Control of one channel.
///     CONTROL(u32) @ Channel + 0x8 {
///         0:0 enable => bool;
///     }
/// }
///
/// fn start<B: RegisterBase<Channel>>(io: Mmio<'_, Region<0x1000>>) {
///     io.update(CONTROL::of::<B>(), |control| control.with_enable(true));
/// }
/// ```
pub trait RegisterBase<T> {
    /// The offset of the set from the start of the region, in bytes.
    const BASE: usize;
}

/// Gives a relative register its method `of`.
pub trait WithBase {
    /// The family to which the register belongs.
    type BaseFamily;

    /// The place of the register in the set for which `B` stands.
    #[inline(always)]
    fn of<B: RegisterBase<Self::BaseFamily>>() -> RelativeRegisterLoc<Self, B>
    where
        Self: Register + Sized,
    {
        RelativeRegisterLoc::new()
    }
}

/// A register at a fixed offset from a base.
pub trait RelativeRegister: Register + WithBase {}

/// The place of a relative register in the set of `B`, or that of a relative array, from which `at`
/// picks an element.
pub struct RelativeRegisterLoc<T: WithBase, B: ?Sized>(PhantomData<fn(&B) -> T>);

impl<T: WithBase, B: ?Sized> Copy for RelativeRegisterLoc<T, B> {}

impl<T: WithBase, B: ?Sized> Clone for RelativeRegisterLoc<T, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, B> RelativeRegisterLoc<T, B>
where
    T: Register + WithBase,
    B: RegisterBase<T::BaseFamily> + ?Sized,
{
    /// The place of `T` in the set of `B`.
    #[inline(always)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T, B> Default for RelativeRegisterLoc<T, B>
where
    T: Register + WithBase,
    B: RegisterBase<T::BaseFamily> + ?Sized,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<const SIZE: usize, T, B> IoLoc<Region<SIZE>, T> for RelativeRegisterLoc<T, B>
where
    T: RelativeRegister,
    B: RegisterBase<T::BaseFamily> + ?Sized,
{
    type IoType = T::Storage;

    // OVERFLOW: the sum is a constant, so a base that is too large does not compile.
    const CONST_OFFSET: Option<usize> = Some(B::BASE + T::OFFSET);

    #[inline(always)]
    fn offset(self) -> usize {
        // OVERFLOW: the access checks any result.
        B::BASE.wrapping_add(T::OFFSET)
    }
}

/// An array of registers at a fixed offset from a base.
pub trait RelativeRegisterArray: RegisterArray + WithBase {}

/// The place of one element of a relative array.
pub struct RelativeRegisterArrayLoc<
    T: RelativeRegisterArray,
    B: RegisterBase<T::BaseFamily> + ?Sized,
> {
    idx: usize,
    register: PhantomData<fn() -> T>,
    base: PhantomData<fn(&B)>,
}

impl<T, B> RelativeRegisterArrayLoc<T, B>
where
    T: RelativeRegisterArray,
    B: RegisterBase<T::BaseFamily> + ?Sized,
{
    /// The place of element `idx`. Fails the build unless `idx` is known to be less than `T::SIZE`.
    #[inline(always)]
    pub fn new(idx: usize) -> Self {
        build_assert!(idx < T::SIZE, "the register array has no such element");
        Self {
            idx,
            register: PhantomData,
            base: PhantomData,
        }
    }

    /// The place of element `idx`, or `None` if there is no such element.
    #[inline(always)]
    pub fn try_new(idx: usize) -> Option<Self> {
        (idx < T::SIZE).then_some(Self {
            idx,
            register: PhantomData,
            base: PhantomData,
        })
    }
}

impl<T, B> RelativeRegisterLoc<T, B>
where
    T: RelativeRegisterArray,
    B: RegisterBase<T::BaseFamily> + ?Sized,
{
    /// The place of element `idx`. Fails the build unless `idx` is known to be within the array.
    #[inline(always)]
    pub fn at(self, idx: usize) -> RelativeRegisterArrayLoc<T, B> {
        RelativeRegisterArrayLoc::new(idx)
    }

    /// The place of element `idx`, or `None` if there is no such element.
    #[inline(always)]
    pub fn try_at(self, idx: usize) -> Option<RelativeRegisterArrayLoc<T, B>> {
        RelativeRegisterArrayLoc::try_new(idx)
    }
}

impl<const SIZE: usize, T, B> IoLoc<Region<SIZE>, T> for RelativeRegisterArrayLoc<T, B>
where
    T: RelativeRegisterArray,
    B: RegisterBase<T::BaseFamily> + ?Sized,
{
    type IoType = T::Storage;

    #[inline(always)]
    fn offset(self) -> usize {
        // OVERFLOW: the access checks any result.
        B::BASE.wrapping_add(element_offset::<T>(self.idx))
    }
}
