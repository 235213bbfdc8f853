// SPDX-License-Identifier: GPL-2.0

//! [`Arc`]: a value shared by reference count.
//!
//! C header: `include/linux/refcount.h` for the rules of the counter.
//!
//! [`Arc<T>`] owns a share of a `T`. [`ArcBorrow`] borrows one, without touching the count, and can
//! be made an `Arc` again. [`UniqueArc`] is the only share, and so may change the value. The memory
//! comes from `kmalloc`. There are no weak references, so a cycle of `Arc`s is never freed.

mod borrow;
mod foreign;
mod unique;

use core::borrow::Borrow;
use core::fmt;
use core::marker::{PhantomData, Unsize};
use core::mem::{ManuallyDrop, offset_of};
use core::ops::{CoerceUnsized, Deref, DispatchFromDyn, LegacyReceiver};
use core::pin::Pin;
use core::ptr::NonNull;

use pin_init::{Init, PinInit};

#[cfg(not(test))]
use crate::alloc::KBox;
use crate::alloc::{AllocError, Flags};
use crate::init::InPlaceInit;
use crate::sync::Refcount;

pub use borrow::ArcBorrow;
pub use unique::UniqueArc;

/// Tests on the host have no `kmalloc`.
#[cfg(test)]
type KBox<T> = crate::alloc::Box<T, tests::HostMalloc>;

/// A share of a value that is dropped together with its last share.
///
/// The value is pinned: it does not move until it is dropped. It cannot be changed through an
/// `Arc`, unless it has a lock or atomics inside.
///
/// Cloning never fails. If 2^31 clones are leaked, the count stays where it is and the value is
/// leaked as well; see [`Refcount`].
///
/// Context: a clone works in every context. A drop works in any context but NMI. But if it drops
/// the value, it only works where the value's destructor does.
///
/// # Examples
///
/// ```no_run
/// use kernel::{prelude::*, sync::Arc};
///
/// struct Port {
///     number: u16,
/// }
///
/// let port = Arc::new(Port { number: 3 }, GFP_KERNEL)?;
/// let other = port.clone();
/// drop(port);
/// assert_eq!(other.number, 3);
/// # Ok::<(), Error>(())
/// ```
///
/// A share of a trait object:
///
/// ```no_run
/// use kernel::{prelude::*, sync::Arc};
///
/// trait Named {
///     fn name(&self) -> &str;
/// }
///
/// struct Disk;
///
/// impl Named for Disk {
///     fn name(&self) -> &str {
///         "disk"
///     }
/// }
///
/// let named: Arc<dyn Named> = Arc::new(Disk, GFP_KERNEL)?;
/// assert_eq!(named.name(), "disk");
/// # Ok::<(), Error>(())
/// ```
///
/// A share can be sent to another thread only if the value can be used from several at a time:
///
/// ```compile_fail,E0277
/// use core::cell::Cell;
/// use kernel::sync::Arc;
///
/// fn send<T: Send>() {}
/// send::<Arc<Cell<u32>>>();
/// ```
///
/// and the value can be dropped there:
///
/// ```compile_fail,E0277
/// use kernel::sync::{Arc, MutexGuard};
///
/// fn share<T: Sync>() {}
/// share::<Arc<MutexGuard<'static, u32>>>();
/// ```
///
/// # Invariants
///
/// `ptr` points to an initialised `ArcInner<T>` from [`KBox`], pinned, and the `Arc` owns one of
/// the references that its counter counts.
#[repr(transparent)]
#[doc(alias("kref_init", "kref_get", "kref_put"))]
pub struct Arc<T: ?Sized> {
    ptr: NonNull<ArcInner<T>>,
    /// An `Arc` may drop a `T`.
    phantom: PhantomData<ArcInner<T>>,
}

/// The allocation that an [`Arc`] points to.
#[repr(C)]
struct ArcInner<T: ?Sized> {
    refcount: Refcount,
    data: T,
}

impl<T: ?Sized> ArcInner<T> {
    /// Returns the address of the `ArcInner` that holds `data`.
    ///
    /// # Safety
    ///
    /// `data` must come from [`Arc::into_raw`] or [`Arc::as_ptr`] of an `Arc` that was not dropped
    /// since.
    unsafe fn from_data(data: *const T) -> NonNull<Self> {
        // SAFETY: dereferencing requires a live value; it is live by this function's contract.
        let mask = align_of_val(unsafe { &*data }).wrapping_sub(1);
        // OVERFLOW: none: an alignment is a power of two below `isize::MAX`, and a counter has 4
        // bytes. This is how `repr(C)` places the field behind the counter.
        let offset = size_of::<Refcount>().wrapping_add(mask) & !mask;
        let inner = data.wrapping_byte_sub(offset) as *mut Self;
        // SAFETY: `new_unchecked` requires a pointer that is not null; `data` lies `offset` bytes
        // into an allocation.
        unsafe { NonNull::new_unchecked(inner) }
    }
}

impl<T> Arc<T> {
    /// The number of bytes from the start of the allocation to the value.
    pub const DATA_OFFSET: usize = offset_of!(ArcInner<T>, data);

    /// Allocates memory and moves `contents` there.
    ///
    /// Context: as `flags` allow.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no memory. `contents` is dropped then.
    pub fn new(contents: T, flags: Flags) -> Result<Self, AllocError> {
        let inner = ArcInner {
            refcount: Refcount::new(1),
            data: contents,
        };
        let inner = NonNull::from(KBox::leak(KBox::new(inner, flags)?));
        // SAFETY: `from_inner` requires a counted reference to an initialised `ArcInner` from
        // `KBox`; it was made above with a count of one.
        Ok(unsafe { Self::from_inner(inner) })
    }
}

impl<T: ?Sized> Arc<T> {
    /// Takes a counted reference over.
    ///
    /// # Safety
    ///
    /// `ptr` must point to an initialised, pinned `ArcInner` from [`KBox`], and the caller must own
    /// one of the references that it counts.
    unsafe fn from_inner(ptr: NonNull<ArcInner<T>>) -> Self {
        // INVARIANT: this function's contract.
        Self {
            ptr,
            phantom: PhantomData,
        }
    }

    /// Borrows the allocation.
    fn inner(&self) -> &ArcInner<T> {
        // SAFETY: `as_ref` requires a live value to which nobody has exclusive access. It is live
        // by the type's invariant. Only `UniqueArc` has exclusive access, and only through `&mut
        // self`.
        unsafe { self.ptr.as_ref() }
    }

    /// Turns the share into a pointer to the value. [`from_raw`](Self::from_raw) turns it back.
    pub fn into_raw(self) -> *const T {
        let this = ManuallyDrop::new(self);
        Self::as_ptr(&this)
    }

    /// Returns the address of the value.
    pub fn as_ptr(this: &Self) -> *const T {
        let inner = this.ptr.as_ptr();
        // SAFETY: `&raw const` requires that `inner` points into a live allocation; it does by the
        // type's invariant.
        unsafe { &raw const (*inner).data }
    }

    /// Takes a share back from [`into_raw`](Self::into_raw).
    ///
    /// # Safety
    ///
    /// `ptr` must come from `into_raw` of an `Arc` of the same type, and must not be turned back
    /// twice.
    pub unsafe fn from_raw(ptr: *const T) -> Self {
        // SAFETY: `from_data` requires a pointer from `into_raw` of a live `Arc`; it is one by this
        // function's contract.
        let inner = unsafe { ArcInner::from_data(ptr) };
        // SAFETY: `from_inner` requires a counted reference; `into_raw` left it to the caller.
        unsafe { Self::from_inner(inner) }
    }

    /// Borrows the share, in a form that can be made an `Arc` again.
    #[inline]
    pub fn as_arc_borrow(&self) -> ArcBorrow<'_, T> {
        // SAFETY: `ArcBorrow::new` requires that the count does not fall to zero during the
        // lifetime; `self` keeps its share that long.
        unsafe { ArcBorrow::new(self.ptr) }
    }

    /// Returns whether both are shares of one value. (Two zero-sized values are two values.)
    pub fn ptr_eq(this: &Self, other: &Self) -> bool {
        core::ptr::addr_eq(this.ptr.as_ptr(), other.ptr.as_ptr())
    }

    /// Gives the share up, or returns it if it is the only one.
    ///
    /// If several threads call this function at a time, exactly one of them gets the value. The
    /// value stays pinned.
    pub fn into_unique_or_drop(this: Self) -> Option<Pin<UniqueArc<T>>> {
        let this = ManuallyDrop::new(this);
        if !this.inner().refcount.dec_and_test() {
            return None;
        }
        this.inner().refcount.set(1);
        // SAFETY: `from_inner` requires a counted reference. The count was zero, so there is no
        // other reference, and one is counted again for the result.
        let arc = unsafe { Self::from_inner(this.ptr) };
        // SAFETY: `UniqueArc::new_unchecked` requires the only share: the count was zero, so there
        // is no other.
        Some(Pin::from(unsafe { UniqueArc::new_unchecked(arc) }))
    }
}

impl<T: ?Sized> Clone for Arc<T> {
    #[inline]
    fn clone(&self) -> Self {
        self.inner().refcount.inc();
        // SAFETY: `from_inner` requires a counted reference; it was counted above.
        unsafe { Self::from_inner(self.ptr) }
    }
}

impl<T: ?Sized> Drop for Arc<T> {
    fn drop(&mut self) {
        if self.inner().refcount.dec_and_test() {
            // SAFETY: `KBox::from_raw` requires an initialised value from `KBox` that nobody else
            // uses. The type's invariant gives the first, and the count is zero.
            drop(unsafe { KBox::from_raw(self.ptr.as_ptr()) });
        }
    }
}

impl<T: ?Sized> Deref for Arc<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.inner().data
    }
}

impl<T: ?Sized> AsRef<T> for Arc<T> {
    fn as_ref(&self) -> &T {
        self
    }
}

impl<T: ?Sized> Borrow<T> for Arc<T> {
    fn borrow(&self) -> &T {
        self
    }
}

impl<T> InPlaceInit<T> for Arc<T> {
    type PinnedSelf = Self;

    fn try_pin_init<E>(init: impl PinInit<T, E>, flags: Flags) -> Result<Self::PinnedSelf, E>
    where
        E: From<AllocError>,
    {
        UniqueArc::try_pin_init(init, flags).map(Self::from)
    }

    fn try_init<E>(init: impl Init<T, E>, flags: Flags) -> Result<Self, E>
    where
        E: From<AllocError>,
    {
        UniqueArc::try_init(init, flags).map(Self::from)
    }
}

impl<T: ?Sized> From<UniqueArc<T>> for Arc<T> {
    fn from(unique: UniqueArc<T>) -> Self {
        unique.into_shared()
    }
}

impl<T: ?Sized> From<Pin<UniqueArc<T>>> for Arc<T> {
    fn from(unique: Pin<UniqueArc<T>>) -> Self {
        // SAFETY: `into_inner_unchecked` requires that the value stays pinned; a value in an `Arc`
        // does.
        unsafe { Pin::into_inner_unchecked(unique) }.into_shared()
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for Arc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + crate::fmt::Display> crate::fmt::Display for Arc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Arc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

// SAFETY: `Send` requires that a share may be used on another thread than its siblings. It gives
// `&T` there (`T: Sync`) and may drop the value there (`T: Send`). The counter is atomic.
unsafe impl<T: ?Sized + Sync + Send> Send for Arc<T> {}

// SAFETY: `Sync` requires that `&Arc<T>` may be used on other threads. It gives `&T` (`T: Sync`)
// and, by `clone`, a share that may drop the value there (`T: Send`). The counter is atomic.
unsafe impl<T: ?Sized + Sync + Send> Sync for Arc<T> {}

// The value does not move with its shares.
impl<T: ?Sized> Unpin for Arc<T> {}

// Methods may take `self: Arc<Self>`.
impl<T: ?Sized> LegacyReceiver for Arc<T> {}

impl<T: ?Sized + Unsize<U>, U: ?Sized> CoerceUnsized<Arc<U>> for Arc<T> {}
impl<T: ?Sized + Unsize<U>, U: ?Sized> DispatchFromDyn<Arc<U>> for Arc<T> {}

#[cfg(test)]
mod tests;
