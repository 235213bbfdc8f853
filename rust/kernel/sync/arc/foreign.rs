// SPDX-License-Identifier: GPL-2.0

//! An [`Arc`] in a `void *`.

use core::ffi::c_void;
use core::ptr::NonNull;

use super::{Arc, ArcBorrow, ArcInner};
use crate::types::ForeignOwnable;

// SAFETY: the trait requires an aligned pointer that is not null; it is the pointer to the
// allocation. It comes back as it was, and both kinds of borrow give the same access as `&Arc<T>`.
unsafe impl<T> ForeignOwnable for Arc<T> {
    const FOREIGN_ALIGN: usize = align_of::<ArcInner<T>>();

    type Borrowed<'a>
        = ArcBorrow<'a, T>
    where
        Self: 'a;

    type BorrowedMut<'a>
        = ArcBorrow<'a, T>
    where
        Self: 'a;

    fn into_foreign(self) -> *mut c_void {
        core::mem::ManuallyDrop::new(self).ptr.as_ptr().cast()
    }

    unsafe fn from_foreign(ptr: *mut c_void) -> Self {
        // SAFETY: `new_unchecked` requires a pointer that is not null; it comes from
        // `into_foreign`.
        let inner = unsafe { NonNull::new_unchecked(ptr.cast()) };
        // SAFETY: `from_inner` requires a counted reference. `into_foreign` left it to the caller,
        // which takes it back once by this function's contract.
        unsafe { Self::from_inner(inner) }
    }

    unsafe fn borrow<'a>(ptr: *mut c_void) -> Self::Borrowed<'a> {
        // SAFETY: `new_unchecked` requires a pointer that is not null; it comes from
        // `into_foreign`.
        let inner = unsafe { NonNull::new_unchecked(ptr.cast()) };
        // SAFETY: `ArcBorrow::new` requires that the count stays above zero during `'a`; the
        // reference of `into_foreign` is not taken back during `'a`.
        unsafe { ArcBorrow::new(inner) }
    }

    unsafe fn borrow_mut<'a>(ptr: *mut c_void) -> Self::BorrowedMut<'a> {
        // SAFETY: `borrow` requires less than this function does; the caller promises it.
        unsafe { <Self as ForeignOwnable>::borrow(ptr) }
    }
}
