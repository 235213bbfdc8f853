// SPDX-License-Identifier: GPL-2.0

//! The [`Zeroable`] and [`ZeroableOption`] types of `core`.

use core::cell::{Cell, UnsafeCell};
use core::marker::{PhantomData, PhantomPinned};
use core::mem::{ManuallyDrop, MaybeUninit};
use core::num::{NonZero, Wrapping};
use core::ptr::NonNull;
use core::sync::atomic::{
    AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicPtr, AtomicU8,
    AtomicU16, AtomicU32, AtomicU64, AtomicUsize,
};

use crate::{Zeroable, ZeroableOption};

/// Implements [`Zeroable`] for a list of types that share one reason.
macro_rules! impl_zeroable {
    ($(#[doc = $reason:literal] { $($({$($generics:tt)*})? $ty:ty,)* })*) => {$($(
        // SAFETY: `Zeroable` requires that all zero bytes are a value; the reason heads the list.
        #[doc = concat!("All zero bytes are ", $reason, ".")]
        unsafe impl $($($generics)*)? Zeroable for $ty {}
    )*)*};
}

impl_zeroable! {
    #[doc = "the number 0"] {
        u8, u16, u32, u64, u128, usize,
        i8, i16, i32, i64, i128, isize,
        f32, f64,
        AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize,
        AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize,
    }
    #[doc = "`false`"] { bool, AtomicBool, }
    #[doc = "the character of code 0"] { char, }
    #[doc = "the null pointer"] {
        {<T>} *mut T,
        {<T>} *const T,
        {<T>} AtomicPtr<T>,
    }
    #[doc = "the only value"] {
        (),
        PhantomPinned,
        {<T: ?Sized>} PhantomData<T>,
    }
    #[doc = "as good as any bytes"] { {<T>} MaybeUninit<T>, }
    #[doc = "a string of characters of code 0"] { str, }
    #[doc = "a value if each element's zero bytes are one"] {
        {<T: Zeroable>} [T],
        {<T: Zeroable, const N: usize>} [T; N],
    }
    #[doc = "a value if the content's zero bytes are one: the type is `repr(transparent)`"] {
        {<T: ?Sized + Zeroable>} UnsafeCell<T>,
        {<T: ?Sized + Zeroable>} Cell<T>,
        {<T: ?Sized + Zeroable>} ManuallyDrop<T>,
        {<T: Zeroable>} Wrapping<T>,
    }
}

/// Implements [`Zeroable`] for tuples of the given lengths.
macro_rules! impl_tuple_zeroable {
    ($($($name:ident)+;)*) => {$(
        // SAFETY: `Zeroable` requires that all zero bytes are a value; they are one of each field,
        // and the rest of a tuple is padding.
        unsafe impl<$($name: Zeroable),+> Zeroable for ($($name,)+) {}
    )*};
}

impl_tuple_zeroable! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
}

// SAFETY: `ZeroableOption` requires that zero bytes are `None`; `core` guarantees it for references
// to sized types.
unsafe impl<T> ZeroableOption for &T {}

// SAFETY: `ZeroableOption` requires that zero bytes are `None`; `core` guarantees it for references
// to sized types.
unsafe impl<T> ZeroableOption for &mut T {}

// SAFETY: `ZeroableOption` requires that zero bytes are `None`; `core` guarantees it for `NonNull`
// of a sized type.
unsafe impl<T> ZeroableOption for NonNull<T> {}

/// Implements [`ZeroableOption`] for `NonZero` of the given integers.
macro_rules! impl_nonzero_zeroable_option {
    ($($ty:ty)*) => {$(
        // SAFETY: `ZeroableOption` requires that zero bytes are `None`; `core` guarantees it for
        // `NonZero`.
        unsafe impl ZeroableOption for NonZero<$ty> {}
    )*};
}

impl_nonzero_zeroable_option! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

/// Implements [`ZeroableOption`] for function pointers of the given numbers of parameters.
macro_rules! impl_fn_zeroable_option {
    ($($($name:ident)*;)*) => {$(
        impl_fn_zeroable_option!(@abi "Rust", "C"; $($name)*);
    )*};
    (@abi $($abi:literal),*; $($name:ident)*) => {
        impl_fn_zeroable_option!(@each $($abi)*; ($($name)*));
    };
    (@each $($abi:literal)*; $names:tt) => {$(
        impl_fn_zeroable_option!(@one $abi $names);
    )*};
    (@one $abi:literal ($($name:ident)*)) => {
        // SAFETY: `ZeroableOption` requires that zero bytes are `None`; `core` guarantees it for
        // function pointers.
        unsafe impl<Ret, $($name),*> ZeroableOption for extern $abi fn($($name),*) -> Ret {}
        // SAFETY: `ZeroableOption` requires the same, and `core` guarantees it here, too.
        unsafe impl<Ret, $($name),*> ZeroableOption for unsafe extern $abi fn($($name),*) -> Ret {}
    };
}

impl_fn_zeroable_option! {
    ;
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
    A B C D E F G H I J K;
    A B C D E F G H I J K L;
}
