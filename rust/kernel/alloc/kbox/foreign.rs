// SPDX-License-Identifier: GPL-2.0

//! Boxes as the `void *` of a C interface.

use core::{ffi::c_void, pin::Pin};

use super::Box;
use crate::{alloc::Allocator, types::ForeignOwnable};

/// Returns the alignment of pointers from `into_raw` of a box. A value of size 0 has no memory,
/// only an aligned pointer.
const fn alignment<T, A: Allocator>() -> usize {
    if size_of::<T>() == 0 || align_of::<T>() > A::MIN_ALIGN {
        align_of::<T>()
    } else {
        A::MIN_ALIGN
    }
}

// SAFETY: the trait has three requirements.
// 1. The pointer is not null and is aligned: `into_raw` never gives null, and `Allocator` aligns.
// 2. The pointer takes the way back unharmed: `from_raw` is the inverse of `into_raw`.
// 3. Accesses reach no further than references to the box do: they are references to the value that
//    the box owns.
unsafe impl<T, A: Allocator> ForeignOwnable for Box<T, A> {
    const FOREIGN_ALIGN: usize = alignment::<T, A>();

    type Borrowed<'a>
        = &'a T
    where
        Self: 'a;

    type BorrowedMut<'a>
        = &'a mut T
    where
        Self: 'a;

    fn into_foreign(self) -> *mut c_void {
        Box::into_raw(self).cast()
    }

    unsafe fn from_foreign(ptr: *mut c_void) -> Self {
        // SAFETY: `from_raw` requires a pointer of `into_raw` that is taken back once; the caller
        // promises it.
        unsafe { Box::from_raw(ptr.cast()) }
    }

    unsafe fn borrow<'a>(ptr: *mut c_void) -> &'a T {
        // SAFETY: the reference requires an initialised value that stays and that nobody changes
        // for `'a`. It is the value of a box that nobody takes back or borrows exclusively for
        // `'a`, as the caller promises.
        unsafe { &*ptr.cast() }
    }

    unsafe fn borrow_mut<'a>(ptr: *mut c_void) -> &'a mut T {
        // SAFETY: the reference requires an initialised value that nobody else uses for `'a`. It is
        // the value of a box that nobody takes back or borrows for `'a`, as the caller promises.
        unsafe { &mut *ptr.cast() }
    }
}

// SAFETY: the trait requires the same as for a plain box, and the same holds. Besides, the value
// stays pinned: every value that comes back is pinned again.
unsafe impl<T, A: Allocator> ForeignOwnable for Pin<Box<T, A>> {
    const FOREIGN_ALIGN: usize = alignment::<T, A>();

    type Borrowed<'a>
        = Pin<&'a T>
    where
        Self: 'a;

    type BorrowedMut<'a>
        = Pin<&'a mut T>
    where
        Self: 'a;

    fn into_foreign(self) -> *mut c_void {
        // SAFETY: `into_inner_unchecked` requires that the value is still treated as pinned. C does
        // not look behind the pointer, and every value that comes back from it here is pinned.
        let inner = unsafe { Pin::into_inner_unchecked(self) };
        Box::into_raw(inner).cast()
    }

    unsafe fn from_foreign(ptr: *mut c_void) -> Self {
        // SAFETY: `from_raw` requires a pointer of `into_raw` that is taken back once; the caller
        // promises it.
        Box::into_pin(unsafe { Box::from_raw(ptr.cast()) })
    }

    unsafe fn borrow<'a>(ptr: *mut c_void) -> Pin<&'a T> {
        // SAFETY: the reference requires the same as in `borrow` of a plain box; the caller
        // promises it.
        let value = unsafe { &*ptr.cast() };
        // SAFETY: `new_unchecked` requires a value that does not move; it was pinned when it was
        // given away.
        unsafe { Pin::new_unchecked(value) }
    }

    unsafe fn borrow_mut<'a>(ptr: *mut c_void) -> Pin<&'a mut T> {
        // SAFETY: the reference requires the same as in `borrow_mut` of a plain box; the caller
        // promises it.
        let value = unsafe { &mut *ptr.cast() };
        // SAFETY: `new_unchecked` requires a value that does not move; it was pinned when it was
        // given away.
        unsafe { Pin::new_unchecked(value) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alloc::{
        flags::GFP_KERNEL,
        testing::{Checked, Counted, live},
    };

    #[test]
    fn ownership_goes_to_c_and_back() {
        let (drops, make) = Counted::source();
        let ptr = Box::<_, Checked>::new(make(3), GFP_KERNEL)
            .unwrap()
            .into_foreign();
        assert_eq!((live(), drops.get()), (1, 0));
        // SAFETY: `borrow_mut` requires a pointer from `into_foreign` of this type, and no other
        // borrow; both hold here.
        unsafe { Box::<Counted, Checked>::borrow_mut(ptr) }.0 += 1;
        // SAFETY: `borrow` requires the same; the reference before is not used any more.
        assert_eq!(unsafe { Box::<Counted, Checked>::borrow(ptr) }.0, 4);
        // SAFETY: `try_from_foreign` requires the same, and that the box is taken back once; it is
        // taken back here.
        drop(unsafe { Box::<Counted, Checked>::try_from_foreign(ptr) });
        assert_eq!((live(), drops.get()), (0, 1));
    }

    #[test]
    fn pinned_values_stay() {
        let boxed = Box::<_, Checked>::pin(3_u32, GFP_KERNEL).unwrap();
        let address = &raw const *boxed;
        let ptr = boxed.into_foreign();
        // SAFETY: `from_foreign` requires a pointer from `into_foreign` of this type that was not
        // taken back before; it was not.
        let boxed = unsafe { Pin::<Box<u32, Checked>>::from_foreign(ptr) };
        assert_eq!(&raw const *boxed, address);
    }

    #[test]
    fn alignments_hold_for_size_zero_too() {
        use crate::alloc::{KBox, VBox};
        assert_eq!(<KBox<u8> as ForeignOwnable>::FOREIGN_ALIGN, 8);
        assert_eq!(<VBox<u64> as ForeignOwnable>::FOREIGN_ALIGN, 4096);
        assert_eq!(<VBox<()> as ForeignOwnable>::FOREIGN_ALIGN, 1);
        let ptr = VBox::new((), GFP_KERNEL).unwrap().into_foreign();
        assert_eq!(ptr.addr(), 1);
    }
}
