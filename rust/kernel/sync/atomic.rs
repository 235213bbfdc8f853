// SPDX-License-Identifier: GPL-2.0

//! [`Atomic`]: a number, flag or pointer that threads and interrupt handlers share without a lock.
//!
//! C header: `include/linux/atomic.h`, whose memory model (`Documentation/memory-barriers.txt`) the
//! orderings follow. The operations are inlined instructions, not calls.
//!
//! Each operation names its ordering with a value: [`Relaxed`], [`Acquire`], [`Release`] or
//! [`Full`]. Orderings that make no sense for an operation do not compile.
//!
//! Context: any context, NMI included.
//!
//! # Examples
//!
//! ```
//! use kernel::sync::atomic::{Acquire, Atomic, Full, Relaxed, Release};
//!
//! static READY: Atomic<bool> = Atomic::new(false);
//! static COUNT: Atomic<u32> = Atomic::new(0);
//!
//! COUNT.add(2, Relaxed);
//! READY.store(true, Release);
//! if READY.load(Acquire) {
//!     assert_eq!(COUNT.fetch_add(1, Full), 2);
//! }
//! assert_eq!(COUNT.cmpxchg(3, 10, Full), Ok(3));
//! assert_eq!(COUNT.cmpxchg(3, 10, Full), Err(10));
//! ```
//!
//! ```compile_fail,E0277
//! use kernel::sync::atomic::{Atomic, Release};
//!
//! Atomic::new(0_u32).load(Release);
//! ```
//!
//! ```compile_fail,E0277
//! use kernel::sync::atomic::{Acquire, Atomic};
//!
//! Atomic::new(0_u32).store(1, Acquire);
//! ```
//!
//! ```compile_fail,E0277
//! use kernel::sync::atomic::{Atomic, Full};
//!
//! Atomic::new(0_u32).store(1, Full);
//! ```

pub mod ordering;
mod primitive;

use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::fmt;
use core::mem::transmute_copy;

pub use ordering::{Acquire, Full, Relaxed, Release};
use ordering::{AcquireOrRelaxed, Any, ReleaseOrRelaxed, full_barrier_around};
use primitive::{Arithmetic, Primitive};

/// A type that an [`Atomic`] can hold.
///
/// # Safety
///
/// - The type must have the size and alignment of `Repr`, and every bit pattern of a value of it
///   must be a valid `Repr`.
/// - Values must be usable on any thread, whichever made them.
pub unsafe trait AtomicType: Copy {
    /// The number or flag as which the processor handles the type.
    type Repr: Primitive;
}

/// An [`AtomicType`] to which a number can be added.
///
/// # Safety
///
/// Every value of `Repr` must be a valid value of the type.
pub unsafe trait AtomicInteger: AtomicType<Repr: Arithmetic> {}

/// A `T` that is read and written in one piece, by any number of threads.
///
/// It has the layout of `T`. Arithmetic wraps around.
///
/// # Invariants
///
/// While the `Atomic` is shared, its content is accessed by atomic operations only, and holds a
/// `T`.
#[repr(transparent)]
pub struct Atomic<T: AtomicType>(UnsafeCell<T>);

// SAFETY: `Send` requires that the value may be used on another thread; it may by the contract of
// `AtomicType`.
unsafe impl<T: AtomicType> Send for Atomic<T> {}

// SAFETY: `Sync` requires that `&Atomic` may be used on several threads. It is used by atomic
// operations only, and values may go from one thread to another by the contract of `AtomicType`.
unsafe impl<T: AtomicType> Sync for Atomic<T> {}

impl<T: AtomicType> Atomic<T> {
    /// Checks the layout of each type that is used.
    const FITS: () = {
        assert!(size_of::<T>() == size_of::<T::Repr>());
        assert!(align_of::<T>() == align_of::<T::Repr>());
    };

    /// Makes an atomic that holds `value`.
    pub const fn new(value: T) -> Self {
        const { Self::FITS };
        Self(UnsafeCell::new(value))
    }

    /// Borrows an atomic in memory that C has made.
    ///
    /// # Safety
    ///
    /// For the lifetime that the caller picks, `ptr` must point to an aligned `T`. All other code
    /// must access it atomically as well (C: `atomic_*`, `READ_ONCE`, `WRITE_ONCE`), and leave
    /// valid values.
    pub unsafe fn from_ptr<'a>(ptr: *mut T) -> &'a Self {
        const { Self::FITS };
        // SAFETY: dereferencing requires a live `Atomic<T>`. `Atomic` is `repr(transparent)`, and
        // this function's contract gives the invariant.
        unsafe { &*ptr.cast::<Self>() }
    }

    /// Returns the address of the value, for C. Rust must access it atomically.
    pub const fn as_ptr(&self) -> *mut T {
        self.0.get()
    }

    /// Borrows the value, while nobody else can access it.
    pub fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }

    /// Reads the value. `ordering`: [`Relaxed`] or [`Acquire`].
    #[inline(always)]
    #[must_use = "reading has no other effect"]
    #[doc(alias(
        "atomic_read",
        "atomic64_read",
        "atomic_read_acquire",
        "READ_ONCE",
        "smp_load_acquire"
    ))]
    pub fn load<O: AcquireOrRelaxed>(&self, ordering: O) -> T {
        let _ = ordering;
        // SAFETY: `load` requires a live, aligned value that is accessed atomically; the invariant
        // ensures it.
        let value = unsafe { T::Repr::load(self.repr(), O::LOAD) };
        // SAFETY: `value_of` requires the bits of a `T`; the invariant ensures it.
        unsafe { value_of(value) }
    }

    /// Writes the value. `ordering`: [`Relaxed`] or [`Release`].
    #[inline(always)]
    #[doc(alias(
        "atomic_set",
        "atomic64_set",
        "atomic_set_release",
        "WRITE_ONCE",
        "smp_store_release"
    ))]
    pub fn store<O: ReleaseOrRelaxed>(&self, value: T, ordering: O) {
        let _ = ordering;
        // SAFETY: `store` requires a live, aligned value that is accessed atomically; the invariant
        // ensures it.
        unsafe { T::Repr::store(self.repr(), bits_of(value), O::STORE) };
    }

    /// Writes the value and returns the old one. `ordering`: any.
    #[inline(always)]
    #[doc(alias = "atomic_xchg")]
    pub fn xchg<O: Any>(&self, value: T, ordering: O) -> T {
        let _ = ordering;
        let (ptr, new) = (self.repr(), bits_of(value));
        let old = full_barrier_around::<O, _>(|| {
            // SAFETY: `xchg` requires a live, aligned value that is accessed atomically; the
            // invariant ensures it.
            unsafe { T::Repr::xchg(ptr, new, O::MODIFY) }
        });
        // SAFETY: `value_of` requires the bits of a `T`; the invariant ensures it.
        unsafe { value_of(old) }
    }

    /// Writes `new` if the value is `old`, compared bit by bit. `ordering`: any. It holds if `new`
    /// was written; otherwise nothing is ordered.
    ///
    /// # Errors
    ///
    /// The value, if it is not `old`. The value is unchanged then.
    #[inline(always)]
    #[doc(alias = "atomic_cmpxchg")]
    pub fn cmpxchg<O: Any>(&self, old: T, new: T, ordering: O) -> Result<T, T> {
        let _ = ordering;
        let (ptr, expected, new) = (self.repr(), bits_of(old), bits_of(new));
        let result = full_barrier_around::<O, _>(|| {
            // SAFETY: `cmpxchg` requires a live, aligned value that is accessed atomically; the
            // invariant ensures it.
            unsafe { T::Repr::cmpxchg(ptr, expected, new, O::MODIFY) }
        });
        match result {
            Ok(_) => Ok(old),
            // SAFETY: `value_of` requires the bits of a `T`; the invariant ensures it.
            Err(found) => Err(unsafe { value_of(found) }),
        }
    }

    /// As [`cmpxchg`](Self::cmpxchg), but returns whether the value was written. If it was not,
    /// `old` is set to the value.
    #[inline(always)]
    #[must_use = "tells whether the value was written"]
    #[doc(alias = "atomic_try_cmpxchg")]
    pub fn try_cmpxchg<O: Any>(&self, old: &mut T, new: T, ordering: O) -> bool {
        match self.cmpxchg(*old, new, ordering) {
            Ok(_) => true,
            Err(found) => {
                *old = found;
                false
            }
        }
    }

    /// Returns the address of the value as the processor handles it.
    #[inline(always)]
    fn repr(&self) -> *mut T::Repr {
        const { Self::FITS };
        self.0.get().cast()
    }
}

/// Makes the operations that change an integer and return the old one.
macro_rules! fetch_methods {
    ($($(#[$doc:meta])* $name:ident => $op:ident;)*) => {$(
        $(#[$doc])*
        /// `ordering`: any.
        #[inline(always)]
        pub fn $name<O: Any>(&self, value: T, ordering: O) -> T {
            let _ = ordering;
            let (ptr, value) = (self.repr(), bits_of(value));
            let old = full_barrier_around::<O, _>(|| {
                // SAFETY: the operation requires a live, aligned value that is accessed atomically;
                // it is by the invariant. The new value keeps the invariant by the contract of
                // `AtomicInteger`.
                unsafe { <T::Repr as Arithmetic>::$op(ptr, value, O::MODIFY) }
            });
            // SAFETY: `value_of` requires the bits of a `T`; the invariant ensures it.
            unsafe { value_of(old) }
        }
    )*};
}

impl<T: AtomicInteger> Atomic<T> {
    /// Adds `value`. `ordering`: [`Relaxed`].
    #[inline(always)]
    #[doc(alias("atomic_add", "atomic_inc", "atomic64_add"))]
    pub fn add(&self, value: T, ordering: Relaxed) {
        self.fetch_add(value, ordering);
    }

    /// Subtracts `value`. `ordering`: [`Relaxed`].
    #[inline(always)]
    #[doc(alias("atomic_sub", "atomic_dec", "atomic64_sub"))]
    pub fn sub(&self, value: T, ordering: Relaxed) {
        self.fetch_sub(value, ordering);
    }

    fetch_methods! {
        /// Adds `value` and returns the old value.
        #[doc(alias("atomic_fetch_add", "atomic_add_return", "atomic_inc_return"))]
        fetch_add => add;
        /// Subtracts `value` and returns the old value.
        #[doc(alias("atomic_fetch_sub", "atomic_sub_return", "atomic_dec_return"))]
        fetch_sub => sub;
        /// Clears the bits that are not set in `value`, and returns the old value.
        #[doc(alias("atomic_and", "atomic_fetch_and"))]
        fetch_and => and;
        /// Sets the bits that are set in `value`, and returns the old value.
        #[doc(alias("atomic_or", "atomic_fetch_or"))]
        fetch_or => or;
        /// Flips the bits that are set in `value`, and returns the old value.
        #[doc(alias("atomic_xor", "atomic_fetch_xor"))]
        fetch_xor => xor;
    }
}

impl<T: AtomicType + Default> Default for Atomic<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: AtomicType + fmt::Debug> fmt::Debug for Atomic<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.load(Relaxed).fmt(f)
    }
}

/// Returns a value as the processor handles it.
#[inline(always)]
fn bits_of<T: AtomicType>(value: T) -> T::Repr {
    // SAFETY: `transmute_copy` requires a source of at least the size (`Atomic::FITS`) whose bits
    // are a valid `Repr` (the contract of `AtomicType`).
    unsafe { transmute_copy(&value) }
}

/// Returns a value from the number as which the processor handles it.
///
/// # Safety
///
/// `bits` must be those of a `T`.
#[inline(always)]
unsafe fn value_of<T: AtomicType>(bits: T::Repr) -> T {
    // SAFETY: `transmute_copy` requires a source of at least the size (`Atomic::FITS`) and bits of
    // a valid `T` (this function's contract).
    unsafe { transmute_copy(&bits) }
}

/// Implements the traits for numbers, which stand for themselves.
macro_rules! impl_atomic_integer {
    ($($number:ident)*) => {$(
        // SAFETY: the trait requires the layout and the values of `Repr`; `Repr` is the type
        // itself.
        unsafe impl AtomicType for $number {
            type Repr = $number;
        }

        // SAFETY: the trait requires that any `Repr` is valid; `Repr` is the type itself.
        unsafe impl AtomicInteger for $number {}
    )*};
}

impl_atomic_integer!(i32 u32 i64 u64 isize usize);

// SAFETY: the trait requires the layout and the values of `Repr`; `Repr` is the type itself.
unsafe impl AtomicType for bool {
    type Repr = bool;
}

// SAFETY: the trait requires the layout and the values of `Repr`; all pointers to sized types are
// alike. The address may be used on any thread. The code that dereferences it there answers for
// that.
unsafe impl<T> AtomicType for *mut T {
    type Repr = *mut c_void;
}

// SAFETY: the trait requires the same as for `*mut T`, and the same holds.
unsafe impl<T> AtomicType for *const T {
    type Repr = *mut c_void;
}

#[cfg(test)]
mod tests;
