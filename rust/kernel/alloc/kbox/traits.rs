// SPDX-License-Identifier: GPL-2.0

//! The traits that a [`Box`] implements as its value does, and its coercions to `dyn` and slices.

use core::{
    borrow::{Borrow, BorrowMut},
    marker::Unsize,
    ops::{CoerceUnsized, Deref, DerefMut, DispatchFromDyn},
    pin::{Pin, PinCoerceUnsized},
};

use super::Box;
use crate::{alloc::Allocator, fmt};

impl<T: ?Sized, A: Allocator> Deref for Box<T, A> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: `as_ref` requires an initialised value that nobody changes meanwhile; the box
        // owns it, and is borrowed.
        unsafe { self.0.as_ref() }
    }
}

impl<T: ?Sized, A: Allocator> DerefMut for Box<T, A> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: `as_mut` requires an initialised value that nobody else uses meanwhile; the box
        // owns it, and is borrowed exclusively.
        unsafe { self.0.as_mut() }
    }
}

impl<T: ?Sized, A: Allocator> Borrow<T> for Box<T, A> {
    fn borrow(&self) -> &T {
        self
    }
}

impl<T: ?Sized, A: Allocator> BorrowMut<T> for Box<T, A> {
    fn borrow_mut(&mut self) -> &mut T {
        self
    }
}

impl<T: ?Sized, A: Allocator> From<Box<T, A>> for Pin<Box<T, A>> {
    fn from(b: Box<T, A>) -> Self {
        Box::into_pin(b)
    }
}

impl<T: ?Sized + fmt::Display, A: Allocator> fmt::Display for Box<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Debug, A: Allocator> fmt::Debug for Box<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T, U, A> CoerceUnsized<Box<U, A>> for Box<T, A>
where
    T: ?Sized + Unsize<U>,
    U: ?Sized,
    A: Allocator,
{
}

impl<T, U, A> DispatchFromDyn<Box<U, A>> for Box<T, A>
where
    T: ?Sized + Unsize<U>,
    U: ?Sized,
    A: Allocator,
{
}

// SAFETY: the trait requires that a coercion does not make `deref` and `deref_mut` give another
// value. They follow the pointer, which keeps its address.
unsafe impl<T: ?Sized, A: Allocator> PinCoerceUnsized for Box<T, A> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alloc::{KBox, flags::GFP_KERNEL};

    #[test]
    fn acts_as_its_value() {
        let mut number = KBox::new(7_u32, GFP_KERNEL).unwrap();
        *number += 1;
        *BorrowMut::<u32>::borrow_mut(&mut number) += 1;
        assert_eq!(Borrow::<u32>::borrow(&number), &9);
        assert_eq!(format!("{number:03?}"), "009");
        assert_eq!(format!("{:>3}", fmt::Adapter(&number)), "  9");
    }

    #[test]
    fn longer_lives_stand_for_shorter_ones() {
        fn shorten<'short>(b: KBox<&'static u8>, _: &'short u8) -> KBox<&'short u8> {
            b
        }
        assert_eq!(**shorten(KBox::new(&7, GFP_KERNEL).unwrap(), &8), 7);
    }

    #[test]
    fn auto_traits_follow_the_value() {
        fn both<T: Send + Sync + Unpin>() {}
        both::<KBox<u8>>();
        both::<KBox<KBox<dyn Fn() + Send + Sync>>>();
    }
}
