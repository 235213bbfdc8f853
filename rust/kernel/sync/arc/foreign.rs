// SPDX-License-Identifier: GPL-2.0

//! An [`Arc`] in a `void *`.

use core::ffi::c_void;
use core::ptr::NonNull;

use super::{Arc, ArcBorrow, ArcInner};
use crate::types::ForeignOwnable;

// SAFETY: the trait demands an aligned pointer that is not null: that of the allocation. It comes
// back as it was, and both kinds of borrow give what `&Arc<T>` gives.
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
        // SAFETY: `new_unchecked` demands a pointer that is not null: it comes from `into_foreign`.
        let inner = unsafe { NonNull::new_unchecked(ptr.cast()) };
        // SAFETY: `from_inner` demands a counted reference: `into_foreign` left it to the caller,
        // who by this function's contract takes it back once.
        unsafe { Self::from_inner(inner) }
    }

    unsafe fn borrow<'a>(ptr: *mut c_void) -> Self::Borrowed<'a> {
        // SAFETY: `new_unchecked` demands a pointer that is not null: it comes from `into_foreign`.
        let inner = unsafe { NonNull::new_unchecked(ptr.cast()) };
        // SAFETY: `ArcBorrow::new` demands that the count stay above zero during `'a`: the
        // reference of `into_foreign` is not taken back during `'a`.
        unsafe { ArcBorrow::new(inner) }
    }

    unsafe fn borrow_mut<'a>(ptr: *mut c_void) -> Self::BorrowedMut<'a> {
        // SAFETY: `borrow` demands less than this function does.
        unsafe { <Self as ForeignOwnable>::borrow(ptr) }
    }
}
