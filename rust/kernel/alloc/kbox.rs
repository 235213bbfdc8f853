// SPDX-License-Identifier: GPL-2.0

//! [`Box`]: one value on the heap.
//!
//! C header: [`include/linux/slab.h`](srctree/include/linux/slab.h).
//!
//! Drivers use the aliases [`KBox`], [`VBox`] and [`KVBox`], one for each allocator. A value that
//! must not move is made by [`InPlaceInit`](crate::init::InPlaceInit) from an initialiser. A box
//! can be given to C as a pointer, see [`ForeignOwnable`](crate::types::ForeignOwnable).
//!
//! Dropping a box drops the value and frees its memory; see [`alloc`](super) for where
//! this may be done.

mod foreign;
mod init;
mod traits;

use core::{
    alloc::Layout,
    marker::PhantomData,
    mem::{ManuallyDrop, MaybeUninit},
    pin::Pin,
    ptr::NonNull,
};

use pin_init::Zeroable;

use super::{AllocError, Allocator, Flags, flags::__GFP_ZERO};

/// An owner of one value on the heap, in memory of the allocator `A`.
///
/// # Examples
///
/// ```
/// use kernel::alloc::{KBox, flags::GFP_KERNEL};
///
/// let mut number = KBox::new(24_u64, GFP_KERNEL)?;
/// *number += 1;
/// assert_eq!(*number, 25);
///
/// let shown: KBox<dyn core::fmt::Debug> = number;
/// assert_eq!(format!("{shown:?}"), "25");
/// # Ok::<(), kernel::alloc::AllocError>(())
/// ```
///
/// # Invariants
///
/// The pointer is aligned and points to an initialised `T` that this box alone owns, in memory
/// allocated by `A` with `Layout::for_value` of it. (For a value of size 0 it dangles, as
/// [`Allocator`] says.)
#[repr(transparent)]
pub struct Box<T: ?Sized, A: Allocator>(NonNull<T>, PhantomData<A>);

/// A [`Box`] in memory of `kmalloc()`: for small values.
#[doc(alias(
    "kmalloc",
    "kzalloc",
    "kfree",
    "devm_kmalloc",
    "devm_kzalloc",
    "devm_kfree"
))]
pub type KBox<T> = Box<T, super::allocator::Kmalloc>;

/// A [`Box`] in memory of `vmalloc()`: for large values. It is made and dropped only where the
/// caller may sleep.
#[doc(alias("vmalloc", "vzalloc", "vfree"))]
pub type VBox<T> = Box<T, super::allocator::Vmalloc>;

/// A [`Box`] in memory of `kvmalloc()`: for values of any size. It is dropped only where the caller
/// may sleep.
#[doc(alias("kvmalloc", "kvzalloc", "kvfree"))]
pub type KVBox<T> = Box<T, super::allocator::KVmalloc>;

// SAFETY: `Send` requires that the use from another thread is sound. The box owns its value as a
// `T` on the stack would be owned, and an `Allocator` allows freeing on any thread.
unsafe impl<T: Send + ?Sized, A: Allocator> Send for Box<T, A> {}

// SAFETY: `Sync` requires that shared use by several threads is sound. A shared box gives only
// shared access to its `T`.
unsafe impl<T: Sync + ?Sized, A: Allocator> Sync for Box<T, A> {}

impl<T: ?Sized, A: Allocator> Box<T, A> {
    /// Takes back a value that [`into_raw`](Self::into_raw) gave away.
    ///
    /// # Safety
    ///
    /// `raw` comes from `into_raw` of the same type, or satisfies the [invariants](Self#invariants)
    /// as such a pointer does. Nobody else owns the value or will take it back.
    #[must_use]
    pub const unsafe fn from_raw(raw: *mut T) -> Self {
        // INVARIANT: the caller promises it.
        // SAFETY: `new_unchecked` requires a pointer that is not null; those of `into_raw` are not.
        Self(unsafe { NonNull::new_unchecked(raw) }, PhantomData)
    }

    /// Gives the value away as a pointer, which is never null. Unless it is taken back, the memory
    /// leaks.
    #[must_use]
    pub fn into_raw(b: Self) -> *mut T {
        ManuallyDrop::new(b).0.as_ptr()
    }

    /// Gives the value away as a reference. The memory leaks.
    pub fn leak<'a>(b: Self) -> &'a mut T {
        // SAFETY: the reference requires an initialised value that nothing else uses for as long as
        // it lives. The box owned the value alone, and ends here without freeing it.
        unsafe { &mut *Box::into_raw(b) }
    }

    /// Pins the value where it is. It will not move until it is dropped.
    #[must_use]
    pub fn into_pin(this: Self) -> Pin<Self> {
        // SAFETY: `new_unchecked` requires that the value stays at its place until it is dropped.
        // Only functions that take the box itself move its value. `Pin` does not give the box back,
        // and `drop` drops the value in place.
        unsafe { Pin::new_unchecked(this) }
    }
}

impl<T, A: Allocator> Box<MaybeUninit<T>, A> {
    /// Declares the value initialised.
    ///
    /// # Safety
    ///
    /// The value is initialised.
    #[must_use]
    pub unsafe fn assume_init(self) -> Box<T, A> {
        let raw = Box::into_raw(self);
        // SAFETY: `from_raw` requires the invariants of a box for `T`. `MaybeUninit<T>` has the
        // layout of `T`, and the caller promises that the value is initialised.
        unsafe { Box::from_raw(raw.cast()) }
    }

    /// Writes the value. The previous content of the memory is not dropped.
    pub fn write(mut self, value: T) -> Box<T, A> {
        (*self).write(value);
        // SAFETY: `assume_init` requires an initialised value; it was just written.
        unsafe { self.assume_init() }
    }
}

impl<T, A: Allocator> Box<T, A> {
    /// Allocates memory and moves `x` into it.
    ///
    /// A large `x` may pass over the stack, which is small in the kernel; initialisers build it in
    /// place instead, see [`InPlaceInit`](crate::init::InPlaceInit).
    ///
    /// # Errors
    ///
    /// [`AllocError`]: no memory. `x` is dropped.
    #[inline]
    pub fn new(x: T, flags: Flags) -> Result<Self, AllocError> {
        Ok(Box::<MaybeUninit<T>, A>::write(Self::new_uninit(flags)?, x))
    }

    /// Allocates memory for a value that is yet to be made.
    ///
    /// # Errors
    ///
    /// [`AllocError`]: no memory.
    #[inline]
    pub fn new_uninit(flags: Flags) -> Result<Box<MaybeUninit<T>, A>, AllocError> {
        let ptr = A::alloc_value::<MaybeUninit<T>>(flags)?;
        // INVARIANT: the memory is new and has that layout, and any bytes are a `MaybeUninit`.
        Ok(Box(ptr, PhantomData))
    }

    /// Allocates memory in which all bytes are zero.
    ///
    /// # Errors
    ///
    /// [`AllocError`]: no memory.
    pub fn zeroed(flags: Flags) -> Result<Self, AllocError>
    where
        T: Zeroable,
    {
        let memory = Self::new_uninit(flags | __GFP_ZERO)?;
        // SAFETY: `assume_init` requires an initialised value. `__GFP_ZERO` makes all bytes zero,
        // and `Zeroable` says that zeroes are a value.
        Ok(unsafe { memory.assume_init() })
    }

    /// Allocates memory, moves `x` into it, and pins it there.
    ///
    /// # Errors
    ///
    /// [`AllocError`]: no memory. `x` is dropped.
    pub fn pin(x: T, flags: Flags) -> Result<Pin<Box<T, A>>, AllocError>
    where
        A: 'static,
    {
        Self::new(x, flags).map(Box::into_pin)
    }

    /// Drops the value and keeps the memory.
    #[must_use]
    pub fn drop_contents(this: Self) -> Box<MaybeUninit<T>, A> {
        let memory = this.into_uninit();
        // SAFETY: `drop_in_place` requires a value that nobody else uses and that is not used
        // again. The box owned it, and holds uninitialised memory from now on. If dropping panics
        // (on a host), `memory` frees the memory.
        unsafe { core::ptr::drop_in_place(memory.0.as_ptr().cast::<T>()) };
        memory
    }

    /// Moves the value out and frees the memory.
    #[must_use]
    pub fn into_inner(b: Self) -> T {
        let memory = b.into_uninit();
        // SAFETY: `read` requires an initialised value, and makes a second owner of it. The value
        // is initialised by the invariant, and the first owner now holds uninitialised memory.
        unsafe { memory.0.as_ptr().cast::<T>().read() }
    }

    /// Forgets that the value is initialised.
    fn into_uninit(self) -> Box<MaybeUninit<T>, A> {
        let raw = Box::into_raw(self);
        // SAFETY: `from_raw` requires the invariants of a box of `MaybeUninit<T>`; it has the
        // layout of `T`, and any memory is a value of it.
        unsafe { Box::from_raw(raw.cast()) }
    }
}

impl<T: ?Sized, A: Allocator> Drop for Box<T, A> {
    #[inline]
    fn drop(&mut self) {
        let layout = Layout::for_value::<T>(self);
        // SAFETY: `drop_in_place` requires an initialised value that nobody else uses and that is
        // not used again; that holds by the invariant, and because the box ends.
        unsafe { core::ptr::drop_in_place(self.0.as_ptr()) };
        // SAFETY: `free` requires memory that `A` gave for this layout and that is not used any
        // more; that holds by the invariant, and because the box ends.
        unsafe { A::free(self.0.cast(), layout) };
    }
}

#[cfg(test)]
mod tests;
