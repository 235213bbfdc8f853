// SPDX-License-Identifier: GPL-2.0

//! The operations that the processor does on a number in one step, over `core`'s atomics.

use core::ffi::c_void;
use core::sync::atomic::{
    AtomicBool, AtomicI32, AtomicI64, AtomicIsize, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize,
    Ordering,
};

/// Declares a trait of operations on `*mut Self`, all with one contract.
macro_rules! declare_operations {
    ($(#[$doc:meta])* $trait:ident: $super:ident {
        $($(#[$op_doc:meta])* $op:ident($($arg:ident),*) $(-> $ret:ty)?;)*
    }) => {
        $(#[$doc])*
        pub trait $trait: $super {
            $(
                $(#[$op_doc])*
                ///
                /// # Safety
                ///
                /// `ptr` must point to a live, aligned value, to which all other code has only
                /// atomic access while the function runs.
                #[doc(hidden)]
                unsafe fn $op(ptr: *mut Self, $($arg: Self,)* ordering: Ordering) $(-> $ret)?;
            )*
        }
    };
}

declare_operations! {
    /// A type that the processor reads, writes and exchanges in one step. The set is closed.
    Primitive: PrimitiveBase {
        /// Reads the value.
        load() -> Self;
        /// Writes the value.
        store(value);
        /// Writes the value, and returns the old one.
        xchg(value) -> Self;
        /// Writes if `old` was there, and returns what was there.
        ///
        /// # Errors
        ///
        /// Another value was there; it is the error.
        cmpxchg(old, new) -> Result<Self, Self>;
    }
}

declare_operations! {
    /// A [`Primitive`] with which the processor calculates in one step, returning the old value.
    Arithmetic: Primitive {
        /// Adds, wrapping around.
        add(value) -> Self;
        /// Subtracts, wrapping around.
        sub(value) -> Self;
        /// Ands bits.
        and(value) -> Self;
        /// Ors bits.
        or(value) -> Self;
        /// Xors bits.
        xor(value) -> Self;
    }
}

use sealed::PrimitiveBase;

mod sealed {
    /// Keeps the set of primitives closed.
    pub trait PrimitiveBase: Copy {}
}

/// Implements [`Primitive`] by one of `core`'s types.
macro_rules! impl_primitive {
    ($($primitive:ty => $core:ty;)*) => {$(
        impl PrimitiveBase for $primitive {}

        impl Primitive for $primitive {
            #[inline(always)]
            unsafe fn load(ptr: *mut Self, ordering: Ordering) -> Self {
                // SAFETY: `from_ptr` requires the same as this function; the caller promises it.
                unsafe { <$core>::from_ptr(ptr) }.load(ordering)
            }

            #[inline(always)]
            unsafe fn store(ptr: *mut Self, value: Self, ordering: Ordering) {
                // SAFETY: `from_ptr` requires the same as this function; the caller promises it.
                unsafe { <$core>::from_ptr(ptr) }.store(value, ordering);
            }

            #[inline(always)]
            unsafe fn xchg(ptr: *mut Self, value: Self, ordering: Ordering) -> Self {
                // SAFETY: `from_ptr` requires the same as this function; the caller promises it.
                unsafe { <$core>::from_ptr(ptr) }.swap(value, ordering)
            }

            #[inline(always)]
            unsafe fn cmpxchg(
                ptr: *mut Self,
                old: Self,
                new: Self,
                ordering: Ordering,
            ) -> Result<Self, Self> {
                // SAFETY: `from_ptr` requires the same as this function; the caller promises it.
                let atomic = unsafe { <$core>::from_ptr(ptr) };
                atomic.compare_exchange(old, new, ordering, Ordering::Relaxed)
            }
        }
    )*};
}

/// Implements [`Arithmetic`] by one of `core`'s types.
macro_rules! impl_arithmetic {
    ($($primitive:ty => $core:ty { $($op:ident => $core_op:ident)* })*) => {$(
        impl Arithmetic for $primitive {
            $(
                #[inline(always)]
                unsafe fn $op(ptr: *mut Self, value: Self, ordering: Ordering) -> Self {
                    // SAFETY: `from_ptr` requires the same as this function; the caller promises
                    // it.
                    unsafe { <$core>::from_ptr(ptr) }.$core_op(value, ordering)
                }
            )*
        }
    )*};
}

/// Implements both for a number.
macro_rules! impl_number {
    ($($primitive:ty => $core:ty;)*) => {$(
        impl_primitive!($primitive => $core;);
        impl_arithmetic!($primitive => $core {
            add => fetch_add sub => fetch_sub and => fetch_and or => fetch_or xor => fetch_xor
        });
    )*};
}

impl_number! {
    i32 => AtomicI32;
    u32 => AtomicU32;
    i64 => AtomicI64;
    u64 => AtomicU64;
    isize => AtomicIsize;
    usize => AtomicUsize;
}

impl_primitive! {
    bool => AtomicBool;
    *mut c_void => AtomicPtr<c_void>;
}
