// SPDX-License-Identifier: GPL-2.0

//! Fallible initialisation of structs in place, pinned or not.
//!
//! A kernel object such as a mutex or a list head must not move once it is initialised, because
//! other memory points at it. Rust values move by default: a function that returns a struct with a
//! mutex inside moves that mutex. This crate splits the making of such a value in two:
//!
//! 1. A function returns an *initialiser*: `impl PinInit<T, E>`, a recipe for a `T` that may fail
//!    with an `E`. An initialiser does nothing by itself and can be moved freely.
//! 2. The owner of the memory (a box, an `Arc`, a static, a stack slot) runs the recipe on the
//!    final place of the value.
//!
//! [`Init`] is the stronger recipe, for values that may move afterwards. Any value is an [`Init`]
//! of its own type, and each [`Init`] is a [`PinInit`].
//!
//! # Example
//!
//! ```
//! use pin_init::{PinInit, pin_data, pin_init, stack_pin_init};
//! use std::cell::Cell;
//! use std::marker::PhantomPinned;
//!
//! /// Remembers its own address.
//! #[pin_data]
//! struct Anchor {
//!     address: Cell<usize>,
//!     #[pin]
//!     pinned: PhantomPinned,
//! }
//!
//! impl Anchor {
//!     fn new() -> impl PinInit<Self> {
//!         pin_init!(&this in Self {
//!             address: Cell::new(this.as_ptr() as usize),
//!             pinned: PhantomPinned,
//!         })
//!     }
//! }
//!
//! #[pin_data]
//! struct Ship {
//!     length: u32,
//!     #[pin]
//!     anchor: Anchor,
//! }
//!
//! stack_pin_init!(let ship = pin_init!(Ship {
//!     length: 20,
//!     anchor <- Anchor::new(),
//! }));
//! let anchor = &raw const ship.anchor;
//! assert_eq!(ship.anchor.address.get(), anchor as usize);
//! assert_eq!(ship.length, 20);
//! ```
//!
//! # Guarantees
//!
//! - Each field is owned from the statement that initialises it. A later statement may fail, or
//!   panic where panics unwind. The fields initialised so far are then dropped in reverse order.
//! - An initialiser made by a macro succeeds only if each field was initialised once. The compiler
//!   names a field that is missing, unknown or repeated.
//! - Drivers need no `unsafe`: the expansions compile under `#![forbid(unsafe_code)]`.
//! - Nothing here allocates, panics or sleeps by itself. Whether an initialiser may run in
//!   interrupt context only depends on the functions that its entries call.
//!
//! # Pinned fields
//!
//! [`pin_data`] makes pinning structural, field by field. A `#[pin]` field is pinned whenever the
//! struct is: it takes a [`PinInit`], it is seen as `Pin<&mut Field>`, and the struct is `Unpin`
//! only if the field is. The other fields can be moved out of a pinned struct: they take an
//! [`Init`] and are seen as `&mut Field`. Such a type can have no `Drop`, which would get `&mut
//! self`; [`pinned_drop`] is its replacement.
//!
//! # Where things are
//!
//! | purpose | items |
//! |---|---|
//! | traits | [`PinInit`], [`Init`] |
//! | structs | [`pin_data`], [`pin_init`](macro@pin_init), [`init`](macro@init), [`try_pin_init`], [`try_init`] |
//! | destructors | [`PinnedDrop`], [`pinned_drop`] |
//! | arrays | [`pin_init_array_from_fn`], [`init_array_from_fn`] |
//! | compute first | [`pin_init_scope`], [`init_scope`] |
//! | all zero bytes | [`Zeroable`], [`ZeroableOption`], [`MaybeZeroable`], [`zeroed`], [`init_zeroed`] |
//! | places | [`stack_pin_init`], [`stack_try_pin_init`], [`InPlaceWrite`], [`Wrapper`] |
//! | by hand | [`pin_init_from_closure`], [`init_from_closure`], [`cast_pin_init`], [`cast_init`], [`raw_init`] |
//!
//! A crate that uses the macros must know this crate as `pin_init`.

#![no_std]
#![cfg_attr(feature = "unsafe-pinned", feature(unsafe_pinned))]
#![deny(
    missing_docs,
    unreachable_pub,
    unsafe_op_in_unsafe_fn,
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    clippy::missing_safety_doc,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

#[doc(hidden)]
pub mod __internal;
mod array;
mod closure;
mod macros;
mod pinned_drop;
mod place;
mod stack;
mod traits;
mod zeroable;
mod zeroable_impls;

pub use array::{init_array_from_fn, pin_init_array_from_fn};
pub use closure::{
    cast_init, cast_pin_init, init_from_closure, init_scope, pin_init_from_closure, pin_init_scope,
    uninit,
};
pub use macros::{
    MaybeZeroable, Zeroable, init, pin_data, pin_init, pinned_drop, try_init, try_pin_init,
};
pub use pinned_drop::PinnedDrop;
pub use place::{InPlaceWrite, Wrapper, raw_init, raw_try_init};
pub use traits::{ChainInit, ChainPinInit, Init, PinInit};
pub use zeroable::{Zeroable, ZeroableOption, init_zeroed, zeroed};
