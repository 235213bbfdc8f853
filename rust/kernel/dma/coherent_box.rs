// SPDX-License-Identifier: GPL-2.0

//! [`CoherentBox`]: memory that will be shared with a device, while the CPU still has it alone.

use core::{
    marker::PhantomData,
    ops::{Deref, DerefMut},
};

use super::{Attrs, Coherent};
use crate::{
    alloc::Flags,
    device::{self, Bound},
    prelude::*,
    ptr::KnownSize,
    transmute::{AsBytes, FromBytes},
};

/// [`Coherent`] memory whose address no device has been told, so that it can be filled in as Rust's own.
///
/// Converted into a [`Coherent`] when it is ready:
///
/// ```
/// use kernel::{device::{Bound, Device}, dma::{Coherent, CoherentBox}, prelude::*};
///
/// fn squares(dev: &Device<Bound>) -> Result<Coherent<'_, [u32]>> {
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
/// The device does not know the memory, and nobody else has its address.
pub struct CoherentBox<'a, T: KnownSize + ?Sized>(Coherent<'a, T>, PhantomData<T>);

impl<'a, T: AsBytes + FromBytes> CoherentBox<'a, [T]> {
    /// Allocates zeroed memory for `count` elements. May sleep as `gfp_flags` allow.
    ///
    /// # Errors
    ///
    /// As [`Coherent::zeroed_slice_with_attrs`].
    pub fn zeroed_slice_with_attrs(
        dev: &'a device::Device<Bound>,
        count: usize,
        gfp_flags: Flags,
        dma_attrs: Attrs,
    ) -> Result<Self> {
        Coherent::<T>::zeroed_slice_with_attrs(dev, count, gfp_flags, dma_attrs).map(Self::new)
    }

    /// [`zeroed_slice_with_attrs`](Self::zeroed_slice_with_attrs) without attributes.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn zeroed_slice(
        dev: &'a device::Device<Bound>,
        count: usize,
        gfp_flags: Flags,
    ) -> Result<Self> {
        Self::zeroed_slice_with_attrs(dev, count, gfp_flags, Attrs::default())
    }

    /// Builds element `i` anew. Sleeps if the initialiser does.
    ///
    /// # Errors
    ///
    /// `EINVAL` if there is no element `i`; the initialiser's error, after which the element is what the initialiser
    /// left there: some bytes, which are a `T`.
    pub fn init_at<E>(&mut self, i: usize, init: impl Init<T, E>) -> Result
    where
        Error: From<E>,
    {
        let slot: *mut T = self.get_mut(i).ok_or(EINVAL)?;
        // SAFETY: `__init` wants memory for a `T` that nobody else uses: `self` is borrowed for it. A `T: FromBytes` may
        // be overwritten, and left as any initialised bytes; an initialiser leaves bytes as they were or writes `T`'s.
        unsafe { init.__init(slot) }?;
        Ok(())
    }

    /// Allocates memory and copies `data` into it. May sleep as `gfp_flags` allow.
    ///
    /// # Errors
    ///
    /// As [`Coherent::zeroed_slice_with_attrs`].
    pub fn from_slice_with_attrs(
        dev: &'a device::Device<Bound>,
        data: &[T],
        gfp_flags: Flags,
        dma_attrs: Attrs,
    ) -> Result<Self>
    where
        T: Copy,
    {
        Coherent::from_slice_with_attrs(dev, data, gfp_flags, dma_attrs).map(Self::new)
    }

    /// [`from_slice_with_attrs`](Self::from_slice_with_attrs) without attributes.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn from_slice(dev: &'a device::Device<Bound>, data: &[T], gfp_flags: Flags) -> Result<Self>
    where
        T: Copy,
    {
        Self::from_slice_with_attrs(dev, data, gfp_flags, Attrs::default())
    }
}

impl<'a, T: AsBytes + FromBytes> CoherentBox<'a, T> {
    /// Allocates zeroed memory for one `T`. May sleep as `gfp_flags` allow.
    ///
    /// # Errors
    ///
    /// As [`Coherent::zeroed_with_attrs`].
    pub fn zeroed_with_attrs(
        dev: &'a device::Device<Bound>,
        gfp_flags: Flags,
        dma_attrs: Attrs,
    ) -> Result<Self> {
        Coherent::zeroed_with_attrs(dev, gfp_flags, dma_attrs).map(Self::new)
    }

    /// [`zeroed_with_attrs`](Self::zeroed_with_attrs) without attributes.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn zeroed(dev: &'a device::Device<Bound>, gfp_flags: Flags) -> Result<Self> {
        Self::zeroed_with_attrs(dev, gfp_flags, Attrs::default())
    }
}

impl<'a, T: KnownSize + ?Sized> CoherentBox<'a, T> {
    fn new(memory: Coherent<'a, T>) -> Self {
        Self(memory, PhantomData)
    }
}

impl<T: KnownSize + ?Sized> Deref for CoherentBox<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: nobody writes: the device does not know the memory, and `self` is borrowed.
        unsafe { self.0.as_ref() }
    }
}

impl<T: KnownSize + ?Sized> DerefMut for CoherentBox<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: nobody else accesses it: the device does not know the memory, and `self` is borrowed for this alone.
        unsafe { self.0.as_mut() }
    }
}

impl<'a, T: KnownSize + ?Sized> From<CoherentBox<'a, T>> for Coherent<'a, T> {
    fn from(memory: CoherentBox<'a, T>) -> Self {
        memory.0
    }
}
