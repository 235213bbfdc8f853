// SPDX-License-Identifier: GPL-2.0

//! [`ArcBorrow`]: a share that is only borrowed.

use core::marker::{PhantomData, Unsize};
use core::mem::ManuallyDrop;
use core::ops::{CoerceUnsized, Deref, DispatchFromDyn, LegacyReceiver};
use core::ptr::NonNull;

use super::{Arc, ArcInner};

/// A share of a value that another owner keeps during `'a`.
///
/// It is like `&'a Arc<T>`, one indirection shorter. It is for functions that may or may not want a
/// share of their own. Copying it does not touch the count; `Arc::from(borrow)` does.
///
/// Context: any context.
///
/// # Examples
///
/// ```no_run
/// use kernel::{prelude::*, sync::{Arc, ArcBorrow}};
///
/// fn keep_large(value: ArcBorrow<'_, u32>) -> Option<Arc<u32>> {
///     (*value > 100).then(|| value.into())
/// }
///
/// let value = Arc::new(101, GFP_KERNEL)?;
/// let kept = keep_large(value.as_arc_borrow());
/// assert!(kept.is_some_and(|kept| Arc::ptr_eq(&kept, &value)));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `inner` points to the initialised `ArcInner` of an [`Arc`] whose count does not fall to zero
/// during `'a`.
#[repr(transparent)]
pub struct ArcBorrow<'a, T: ?Sized> {
    inner: NonNull<ArcInner<T>>,
    phantom: PhantomData<&'a Arc<T>>,
}

impl<T: ?Sized> ArcBorrow<'_, T> {
    /// Borrows a share of the allocation.
    ///
    /// # Safety
    ///
    /// `inner` must be that of an `Arc`, and its count must not fall to zero during the result's
    /// lifetime.
    #[inline]
    pub(super) unsafe fn new(inner: NonNull<ArcInner<T>>) -> Self {
        // INVARIANT: this function's contract.
        Self {
            inner,
            phantom: PhantomData,
        }
    }

    /// Borrows the share behind a pointer from [`Arc::into_raw`] or [`Arc::as_ptr`].
    ///
    /// # Safety
    ///
    /// `ptr` must come from one of the two, of an `Arc` of the same type. The count must not fall
    /// to zero during the lifetime that the caller picks for the result.
    pub unsafe fn from_raw(ptr: *const T) -> Self {
        // SAFETY: `from_data` requires a pointer from a live `Arc`; it is one by this function's
        // contract.
        let inner = unsafe { ArcInner::from_data(ptr) };
        // SAFETY: `new` requires the same as this function; the caller promises it.
        unsafe { Self::new(inner) }
    }
}

impl<T: ?Sized> Clone for ArcBorrow<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for ArcBorrow<'_, T> {}

impl<T: ?Sized> Deref for ArcBorrow<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: `as_ref` requires a live value to which nobody has exclusive access. It is live
        // by the type's invariant, and shares of an `Arc` only give shared access.
        unsafe { &self.inner.as_ref().data }
    }
}

impl<T: ?Sized> From<ArcBorrow<'_, T>> for Arc<T> {
    fn from(borrow: ArcBorrow<'_, T>) -> Self {
        // SAFETY: `from_inner` requires a counted reference. It borrows the reference of the owner
        // that keeps the value; `ManuallyDrop` makes sure that the reference is not given up here.
        let kept = ManuallyDrop::new(unsafe { Arc::from_inner(borrow.inner) });
        Arc::clone(&kept)
    }
}

// SAFETY: `Send` requires the same as for `&Arc<T>`, whose bounds these are.
unsafe impl<T: ?Sized + Sync + Send> Send for ArcBorrow<'_, T> {}

// SAFETY: `Sync` requires the same as for `&Arc<T>`, whose bounds these are.
unsafe impl<T: ?Sized + Sync + Send> Sync for ArcBorrow<'_, T> {}

// Methods may take `self: ArcBorrow<'_, Self>`.
impl<T: ?Sized> LegacyReceiver for ArcBorrow<'_, T> {}

impl<'a, T: ?Sized + Unsize<U>, U: ?Sized> CoerceUnsized<ArcBorrow<'a, U>> for ArcBorrow<'a, T> {}
impl<'a, T: ?Sized + Unsize<U>, U: ?Sized> DispatchFromDyn<ArcBorrow<'a, U>> for ArcBorrow<'a, T> {}
