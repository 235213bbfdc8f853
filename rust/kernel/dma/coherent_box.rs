// SPDX-License-Identifier: GPL-2.0

//! [`CoherentBox`]: memory that only the CPU uses, until it is shared with a device.

use core::{
    marker::PhantomData,
    ops::{Deref, DerefMut},
};

use super::{Attrs, Coherent, Unbounded, Within};
use crate::{
    alloc::Flags,
    device::{self, Bound},
    prelude::*,
    ptr::KnownSize,
    transmute::{AsBytes, FromBytes},
};

/// [`Coherent`] memory whose address the device does not know yet, so that a driver can fill it in
/// by references.
///
/// The driver converts it into a [`Coherent`] when it is ready:
///
/// ```
/// use kernel::{device::{Bound, Device}, dma::{Coherent, CoherentBox}, prelude::*};
///
/// fn squares(dev: &Device<Bound>) -> Result<Coherent<[u32]>> {
///     let mut table = CoherentBox::<[u32]>::zeroed_slice(dev, 16, GFP_KERNEL)?;
///     for (index, entry) in (0..).zip(table.iter_mut()) {
///         *entry = index * index;
///     }
///     Ok(table.into())
/// }
/// ```
///
/// # Invariants
///
/// The device does not know the memory, and no other code has its address.
///
/// `H` is that of [`Coherent`].
pub struct CoherentBox<T: KnownSize + ?Sized, H = Unbounded>(Coherent<T, H>, PhantomData<T>);

impl<T: AsBytes + FromBytes> CoherentBox<[T]> {
    /// Allocates zeroed memory for `count` elements.
    ///
    /// Context: any context; sleeps as `gfp_flags` allow.
    ///
    /// # Errors
    ///
    /// The errors of [`Coherent::zeroed_slice_with_attrs`].
    pub fn zeroed_slice_with_attrs(
        dev: &device::Device<Bound>,
        count: usize,
        gfp_flags: Flags,
        dma_attrs: Attrs,
    ) -> Result<Self> {
        Coherent::<T>::zeroed_slice_with_attrs(dev, count, gfp_flags, dma_attrs).map(Self::new)
    }

    /// Does what [`zeroed_slice_with_attrs`](Self::zeroed_slice_with_attrs) does, without
    /// attributes.
    ///
    /// # Errors
    ///
    /// The errors of [`zeroed_slice_with_attrs`](Self::zeroed_slice_with_attrs).
    pub fn zeroed_slice(
        dev: &device::Device<Bound>,
        count: usize,
        gfp_flags: Flags,
    ) -> Result<Self> {
        Self::zeroed_slice_with_attrs(dev, count, gfp_flags, Attrs::default())
    }

    /// Builds element `i` anew.
    ///
    /// Context: that of the initialiser; sleeps if the initialiser does.
    ///
    /// # Errors
    ///
    /// `EINVAL` if there is no element `i`; the initialiser's error. In the latter case the element
    /// has the bytes that the initialiser left there, which are a valid `T`.
    pub fn init_at<E>(&mut self, i: usize, init: impl Init<T, E>) -> Result
    where
        Error: From<E>,
    {
        let slot: *mut T = self.get_mut(i).ok_or(EINVAL)?;
        // SAFETY: `__init` requires memory for a `T` that nobody else uses; `self` is borrowed
        // uniquely. An initialiser leaves bytes as they were or writes those of a `T`, so all bytes
        // stay initialised. A `T: FromBytes` may be any such bytes, and may be overwritten without
        // a drop.
        unsafe { init.__init(slot) }?;
        Ok(())
    }

    /// Allocates memory and copies `data` into it.
    ///
    /// Context: any context; sleeps as `gfp_flags` allow.
    ///
    /// # Errors
    ///
    /// The errors of [`Coherent::zeroed_slice_with_attrs`].
    pub fn from_slice_with_attrs(
        dev: &device::Device<Bound>,
        data: &[T],
        gfp_flags: Flags,
        dma_attrs: Attrs,
    ) -> Result<Self>
    where
        T: Copy,
    {
        Coherent::from_slice_with_attrs(dev, data, gfp_flags, dma_attrs).map(Self::new)
    }

    /// Does what [`from_slice_with_attrs`](Self::from_slice_with_attrs) does, without attributes.
    ///
    /// # Errors
    ///
    /// The errors of [`from_slice_with_attrs`](Self::from_slice_with_attrs).
    pub fn from_slice(dev: &device::Device<Bound>, data: &[T], gfp_flags: Flags) -> Result<Self>
    where
        T: Copy,
    {
        Self::from_slice_with_attrs(dev, data, gfp_flags, Attrs::default())
    }
}

impl<T: AsBytes + FromBytes> CoherentBox<T> {
    /// Allocates zeroed memory for one `T`.
    ///
    /// Context: any context; sleeps as `gfp_flags` allow.
    ///
    /// # Errors
    ///
    /// The errors of [`Coherent::zeroed_with_attrs`].
    pub fn zeroed_with_attrs(
        dev: &device::Device<Bound>,
        gfp_flags: Flags,
        dma_attrs: Attrs,
    ) -> Result<Self> {
        Coherent::zeroed_with_attrs(dev, gfp_flags, dma_attrs).map(Self::new)
    }

    /// Does what [`zeroed_with_attrs`](Self::zeroed_with_attrs) does, without attributes.
    ///
    /// # Errors
    ///
    /// The errors of [`zeroed_with_attrs`](Self::zeroed_with_attrs).
    pub fn zeroed(dev: &device::Device<Bound>, gfp_flags: Flags) -> Result<Self> {
        Self::zeroed_with_attrs(dev, gfp_flags, Attrs::default())
    }
}

impl<T: KnownSize + ?Sized> CoherentBox<T> {
    /// Borrows the binding, as [`Coherent::within`] does. Not in Linux 7.3.
    ///
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// The errors of [`Coherent::within`].
    pub fn within(self, dev: &device::Device<Bound>) -> Result<CoherentBox<T, Within<'_>>> {
        Ok(CoherentBox(self.0.within(dev)?, PhantomData))
    }

    fn new(memory: Coherent<T>) -> Self {
        Self(memory, PhantomData)
    }
}

impl<T: KnownSize + ?Sized, H> Deref for CoherentBox<T, H> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: `as_ref` requires that nobody writes meanwhile; the device does not know the
        // memory, and `self` is borrowed.
        unsafe { self.0.as_ref() }
    }
}

impl<T: KnownSize + ?Sized, H> DerefMut for CoherentBox<T, H> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: `as_mut` requires that nobody else accesses the memory meanwhile; the device does
        // not know it, and `self` is borrowed uniquely.
        unsafe { self.0.as_mut() }
    }
}

impl<T: KnownSize + ?Sized, H> From<CoherentBox<T, H>> for Coherent<T, H> {
    fn from(memory: CoherentBox<T, H>) -> Self {
        memory.0
    }
}
