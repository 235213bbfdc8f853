// SPDX-License-Identifier: GPL-2.0

//! Types that are generic over a lifetime, as parameters of other types.
//!
//! Rust has no parameter that stands for "a type with a lifetime left open". [`ForLt`](trait@ForLt)
//! encodes one: a type `F: ForLt` stands for the family `F::Of<'a>`. [`ForLt!`](macro@ForLt) writes
//! such an `F` for any type. [`CovariantForLt!`](macro@CovariantForLt) writes one whose lifetime
//! may be shortened.
//!
//! A registration that keeps data for a device binding stores `F::Of<'bound>`, whose lifetime its
//! own type cannot name. So it takes two steps:
//!
//! 1. It stores the data under `'static` (`erase`).
//! 2. It gives the data back under the lifetime of the access (`restore`).
//!
//! This module alone has these two steps.

use core::ptr::NonNull;

/// A type with an open lifetime.
///
/// It is written with [`ForLt!`](macro@ForLt), or implemented for a type of one's own:
///
/// ```
/// # struct Window<'a, T>(&'a T);
/// use kernel::types::ForLt;
///
/// struct WindowOf<T>(core::marker::PhantomData<T>);
///
/// impl<T: 'static> ForLt for WindowOf<T> {
///     type Of<'a> = Window<'a, T>;
/// }
/// ```
pub trait ForLt {
    /// The type with its lifetime filled in.
    type Of<'a>: 'a;
}

/// A [`ForLt`](trait@ForLt) whose type may be used with a shorter lifetime.
///
/// [`CovariantForLt!`](macro@CovariantForLt) makes the compiler check this for each type. The types
/// that the macro expands to cannot be written by hand: the modules that hold them are private, and
/// only the macro sees them.
///
/// # Safety
///
/// For each `'long: 'short`, `Of<'long>` must be a subtype of `Of<'short>`, and
/// [`cast_ref`](Self::cast_ref) must return the reference that it was given.
pub unsafe trait CovariantForLt: ForLt {
    /// Shortens the lifetime of the value behind a reference.
    ///
    /// Context: any context.
    fn cast_ref<'r, 'short: 'r, 'long: 'short>(long: &'r Self::Of<'long>) -> &'r Self::Of<'short>;
}

/// Writes a type that implements [`ForLt`](trait@ForLt).
///
/// The hole is one of these: `'_`, a reference without a lifetime, or the lifetime of a leading
/// `for<'a>`:
///
/// ```
/// use kernel::types::ForLt;
/// # struct Pair<'a, 'b>(&'a u8, &'b u8);
/// # struct Bar<'a>(&'a u8);
///
/// type Window = ForLt!(Bar<'_>);
/// type Reference = ForLt!(&u32);
/// type Plain = ForLt!(u32);
/// type Both = ForLt!(for<'a> Pair<'a, 'a>);
/// # fn check<F: ForLt>() {}
/// # check::<Window>(); check::<Reference>(); check::<Plain>(); check::<Both>();
/// ```
///
/// A generic parameter or a lifetime of the surrounding item cannot be named; implement
/// [`ForLt`](trait@ForLt) for a type of your own there. The type must be well formed and outlive
/// the hole for every lifetime:
///
/// ```compile_fail
/// type Never = kernel::types::ForLt!(&'static &'_ u32);
/// # fn check<F: kernel::types::ForLt>() {}
/// # check::<Never>();
/// ```
pub macro ForLt($($ty:tt)*) {
    $crate::macros::__for_lt!([sealed::Lt] [sealed::WithLt] [sealed::PhantomData] 0 $($ty)*)
}

/// Writes a type that implements [`CovariantForLt`](trait@CovariantForLt), if the compiler can
/// prove the type covariant.
///
/// The grammar is that of [`ForLt!`](macro@ForLt). A type that is not covariant is refused:
///
/// ```
/// # struct Bar<'a>(&'a u8);
/// use kernel::types::CovariantForLt;
///
/// type Window = CovariantForLt!(Bar<'_>);
/// # fn check<F: CovariantForLt>() {}
/// # check::<Window>();
/// ```
///
/// ```compile_fail
/// use kernel::types::CovariantForLt;
///
/// type Invariant = CovariantForLt!(core::cell::Cell<&'_ u32>);
/// # fn check<F: CovariantForLt>() {}
/// # check::<Invariant>();
/// ```
pub macro CovariantForLt($($ty:tt)*) {
    $crate::macros::__for_lt!([sealed::Lt] [sealed::WithLt] [sealed::PhantomData] 1 $($ty)*)
}

/// The types that the macros expand to. The module is private, so that only the macro definitions
/// above can name it. A `Lt<_, 1>` that exists has passed the checks that `CovariantForLt!` writes
/// into it (SUBTYPE-CHECKED).
mod sealed {
    /// The check also gets this name: where the macro is used, `::core` may be a crate that the
    /// driver calls so.
    pub(super) use core::marker::PhantomData;

    use super::{CovariantForLt, ForLt};

    pub trait WithLt<'a> {
        type Of: 'a;
    }

    pub struct Lt<T: ?Sized, const N: usize>(PhantomData<T>);

    impl<T: ?Sized + for<'a> WithLt<'a>, const N: usize> ForLt for Lt<T, N> {
        type Of<'a> = <T as WithLt<'a>>::Of;
    }

    // SAFETY: the trait requires that `Of<'long>` is a subtype of `Of<'short>`, and that `cast_ref`
    // returns its argument. SUBTYPE-CHECKED: the constant 1 comes from an expansion of
    // `CovariantForLt!`, which compiles only if the first holds. `cast_ref` returns its argument.
    unsafe impl<T: ?Sized + for<'a> WithLt<'a>> CovariantForLt for Lt<T, 1> {
        fn cast_ref<'r, 'short: 'r, 'long: 'short>(
            long: &'r Self::Of<'long>,
        ) -> &'r Self::Of<'short> {
            let pointer = core::ptr::from_ref(long).cast();
            // SAFETY: the reference requires a live value for `'r`. The pointer is that of `long`,
            // borrowed for `'r`; its target is a subtype (SUBTYPE-CHECKED).
            unsafe { &*pointer }
        }
    }
}

/// Erases the lifetime in the type that a pointer points to, for storage. Only [`restore`] undoes
/// it.
pub(crate) fn erase<'a, F: ForLt>(pointer: NonNull<F::Of<'a>>) -> NonNull<F::Of<'static>> {
    pointer.cast()
}

/// Gives a stored value its lifetime back.
///
/// # Safety
///
/// `pointer` must come from [`erase`]. The value must stay in place, and must not borrow from
/// anything that ends before `'a`. The caller has to hand the result out for an `'a` that its user
/// cannot choose: under a closure's `for<'a>`, or tied to the access.
pub(crate) unsafe fn restore<'a, F: ForLt>(pointer: NonNull<F::Of<'static>>) -> NonNull<F::Of<'a>> {
    pointer.cast()
}
