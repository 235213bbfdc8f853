// SPDX-License-Identifier: GPL-2.0

//! Types that hold C values, cross the border to C, or run code at the end of a scope.
//!
//! C header: none; these are shapes that several wrapped headers share.
//!
//! Three types are for driver authors:
//!
//! - [`ScopeGuard`] undoes work on an early return.
//! - [`ForLt!`](macro@ForLt) writes a type that takes a lifetime, such as the driver's data.
//! - [`Nest`] is a field that borrows from its sibling.
//!
//! [`Opaque`] and [`ForeignOwnable`] are for authors that wrap another C interface. References that
//! C counts are in [`sync::aref`](crate::sync::aref).

pub mod for_lt;
mod foreign;
mod nest;
mod opaque;
mod scope_guard;

use core::marker::PhantomData;

pub use crate::sync::aref::{ARef, AlwaysRefCounted};
pub use for_lt::{CovariantForLt, ForLt};
pub use foreign::ForeignOwnable;
pub use nest::{Filled, Nest, Slot};
pub use opaque::Opaque;
pub use scope_guard::ScopeGuard;

/// What [`#[vtable]`](macro@crate::prelude::vtable) adds to an implementation, so that a forgotten
/// attribute is an error.
#[doc(hidden)]
pub struct Vtable(());

impl Vtable {
    /// For what the attribute writes.
    #[doc(hidden)]
    pub const __BY_ATTRIBUTE: Self = Self(());
}

/// Makes what `#[vtable]` writes into an implementation members of a trait, by the names of its
/// constants. The attribute may then stand above an implementation, and changes nothing.
macro_rules! optional_vtable {
    ($($constant:ident)*) => {
        #[doc(hidden)]
        const ATTRIBUTE_VTABLE_IS_MISSING_ABOVE_THIS_IMPL: $crate::types::Vtable =
            $crate::types::Vtable::__BY_ATTRIBUTE;
        $(
            #[doc(hidden)]
            const $constant: bool = false;
        )*
    };
}
pub(crate) use optional_vtable;

/// A field of this type keeps a value on the thread that made it.
///
/// It takes no space. A struct that has one is neither `Send` nor `Sync`.
///
/// # Examples
///
/// ```
/// use kernel::types::NotThreadSafe;
///
/// struct Local {
///     value: u32,
///     not_send: NotThreadSafe,
/// }
///
/// let local = Local { value: 3, not_send: NotThreadSafe };
/// assert_eq!(local.value, 3);
/// ```
///
/// ```compile_fail,E0277
/// use kernel::types::NotThreadSafe;
///
/// fn send<T: Send>() {}
/// send::<NotThreadSafe>();
/// ```
pub type NotThreadSafe = PhantomData<*mut ()>;

/// The value of type [`NotThreadSafe`](type@NotThreadSafe).
#[expect(
    non_upper_case_globals,
    reason = "named like the type of which it is the only value"
)]
pub const NotThreadSafe: NotThreadSafe = PhantomData;
