// SPDX-License-Identifier: GPL-2.0

//! [`ForeignOwnable`]: ownership in a `void *`.

use core::ffi::c_void;
use core::ptr::NonNull;

/// A pointer-like owner that C can hold for Rust as one `void *`.
///
/// C interfaces carry a `void *` of the driver's: `drvdata`, `dev_id` of an interrupt,
/// `private_data` of a file. [`into_foreign`](Self::into_foreign) gives the ownership away in that
/// form, and [`from_foreign`](Self::from_foreign) takes it back. A pointer that is never taken back
/// leaks the value.
///
/// An implementer may have a lifetime (a box of data that borrows). The `void *` forgets it. So
/// every function that turns one back is `unsafe`: the caller has to know that the lifetime still
/// lasts.
///
/// Context: any; does not sleep. But dropping the value that `from_foreign` returns runs its
/// destructor.
///
/// # Safety
///
/// - `into_foreign` must return a pointer that is not null and is a multiple of
///   [`FOREIGN_ALIGN`](Self::FOREIGN_ALIGN).
/// - The value must be unaffected by its way through `into_foreign` and `from_foreign`, and must
///   not depend on the address of the `Self`.
/// - `borrow` and `borrow_mut` must give no more access than a shared and an exclusive reference to
///   the `Self` would.
pub unsafe trait ForeignOwnable: Sized {
    /// The alignment of every pointer from [`into_foreign`](Self::into_foreign); a power of two.
    const FOREIGN_ALIGN: usize;

    /// Shared access to the value while C owns it.
    type Borrowed<'a>
    where
        Self: 'a;

    /// Exclusive access to the value while C owns it. The access is still shared if the owner is a
    /// counted reference.
    type BorrowedMut<'a>
    where
        Self: 'a;

    /// Gives the ownership away. The pointer is not null; C must not look behind it.
    fn into_foreign(self) -> *mut c_void;

    /// Takes the ownership back.
    ///
    /// # Safety
    ///
    /// `ptr` must come from `into_foreign` of the same type, lifetimes included, and must not have
    /// been taken back since. No `Borrowed` or `BorrowedMut` made from it may be used any more.
    unsafe fn from_foreign(ptr: *mut c_void) -> Self;

    /// Takes the ownership back if there is one, that is, unless `ptr` is null.
    ///
    /// # Safety
    ///
    /// `ptr` must be null or meet the requirements of [`from_foreign`](Self::from_foreign).
    unsafe fn try_from_foreign(ptr: *mut c_void) -> Option<Self> {
        if ptr.is_null() {
            return None;
        }
        // SAFETY: `from_foreign` requires the same as this function of a pointer that is not null;
        // the caller promises it.
        Some(unsafe { Self::from_foreign(ptr) })
    }

    /// Lends the value, shared, while C owns it.
    ///
    /// # Safety
    ///
    /// `ptr` must come from `into_foreign` of the same type, lifetimes included, and must not be
    /// taken back during `'a`. No `BorrowedMut` made from it may exist during `'a`. If the calls
    /// for one pointer are on several threads, a shared reference to the `Self` must be sendable to
    /// them.
    unsafe fn borrow<'a>(ptr: *mut c_void) -> Self::Borrowed<'a>;

    /// Lends the value, exclusively, while C owns it.
    ///
    /// # Safety
    ///
    /// `ptr` must come from `into_foreign` of the same type, lifetimes included, and must not be
    /// taken back during `'a`. No other `Borrowed` or `BorrowedMut` made from it may exist during
    /// `'a`, on any thread.
    unsafe fn borrow_mut<'a>(ptr: *mut c_void) -> Self::BorrowedMut<'a>;
}

/// For interfaces whose `void *` a driver does not use.
// SAFETY: the trait requires an aligned pointer that is not null; the pointer is a dangling one of
// alignment 1. There is no value that could be affected or accessed.
unsafe impl ForeignOwnable for () {
    const FOREIGN_ALIGN: usize = align_of::<()>();
    type Borrowed<'a> = ();
    type BorrowedMut<'a> = ();

    fn into_foreign(self) -> *mut c_void {
        NonNull::<()>::dangling().as_ptr().cast()
    }

    unsafe fn from_foreign(_: *mut c_void) -> Self {}

    unsafe fn borrow<'a>(_: *mut c_void) -> Self::Borrowed<'a> {}

    unsafe fn borrow_mut<'a>(_: *mut c_void) -> Self::BorrowedMut<'a> {}
}

#[macros::kunit_tests(lifebound_foreign)]
mod tests {
    use super::*;

    #[test]
    fn unit_is_not_null_and_comes_back() {
        let ptr = ().into_foreign();
        assert!(!ptr.is_null());
        // SAFETY: `try_from_foreign` requires a pointer from `into_foreign` that was not taken back
        // before; it was not.
        let unit = unsafe { <() as ForeignOwnable>::try_from_foreign(ptr) };
        assert_eq!(unit, Some(()));
    }

    #[test]
    fn null_is_nothing() {
        // SAFETY: `try_from_foreign` accepts null; the pointer is null.
        let nothing = unsafe { <() as ForeignOwnable>::try_from_foreign(core::ptr::null_mut()) };
        assert_eq!(nothing, None);
    }
}
