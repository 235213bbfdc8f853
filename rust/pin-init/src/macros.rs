// SPDX-License-Identifier: GPL-2.0

//! The procedural macros and their documentation.

/// Makes a struct known to [`pin_init!`](macro@crate::pin_init) and pins its fields structurally.
///
/// The macro adds these items to the struct:
///
/// - `fn project(self: Pin<&mut Self>)`, as visible as the struct. It returns a struct that has a
///   field for each field, with the same visibility: `Pin<&mut Field>` if the field is `#[pin]`,
///   `&mut Field` otherwise.
/// - `Unpin`, if all `#[pin]` fields are `Unpin`.
/// - With `#[pin_data(PinnedDrop)]`, a destructor that calls [`PinnedDrop`](crate::PinnedDrop).
///
/// The macro accepts generics, `where` clauses, tuple structs and `#[cfg]` on fields. It refuses
/// enums, unions, packed structs, `Drop` or `Unpin` written by hand, and a `PhantomPinned` without
/// `#[pin]`.
///
/// # Examples
///
/// ```
/// use pin_init::{pin_data, pin_init, stack_pin_init};
/// use std::pin::Pin;
///
/// #[pin_data]
/// pub struct Queue<T, const N: usize>
/// where
///     T: Copy,
/// {
///     #[pin]
///     items: [T; N],
///     pub(crate) length: usize,
///     #[cfg(target_pointer_width = "16")]
///     far: u32,
/// }
///
/// impl<T: Copy, const N: usize> Queue<T, N> {
///     fn clear(self: Pin<&mut Self>) {
///         let this = self.project();
///         *this.length = 0;
///         let _items: Pin<&mut [T; N]> = this.items;
///     }
/// }
///
/// stack_pin_init!(let queue = pin_init!(Queue {
///     items: [0_u8; 8],
///     length: 8,
///     #[cfg(target_pointer_width = "16")]
///     far: 0,
/// }));
/// queue.as_mut().clear();
/// assert_eq!(queue.length, 0);
/// ```
pub use pin_init_internal::pin_data;

/// Turns `impl PinnedDrop` into the destructor of a [`#[pin_data(PinnedDrop)]`](pin_data) type.
///
/// The impl holds one method, `fn drop(self: Pin<&mut Self>)`. Code cannot call it by hand. The
/// trait needs no import.
///
/// # Examples
///
/// ```
/// use pin_init::{pin_data, pin_init, pinned_drop, stack_pin_init};
/// use std::cell::Cell;
/// use std::pin::Pin;
///
/// #[pin_data(PinnedDrop)]
/// struct Lamp<'a> {
///     lit: &'a Cell<bool>,
/// }
///
/// #[pinned_drop]
/// impl PinnedDrop for Lamp<'_> {
///     fn drop(self: Pin<&mut Self>) {
///         self.project().lit.set(false);
///     }
/// }
///
/// let lit = &Cell::new(true);
/// {
///     stack_pin_init!(let _lamp = pin_init!(Lamp { lit }));
///     assert!(lit.get());
/// }
/// assert!(!lit.get());
/// ```
pub use pin_init_internal::pinned_drop;

/// Makes an `impl PinInit<T, E>` from a struct literal with initialisers.
///
/// ```text
/// pin_init!( [&this in] Struct { entry, .. } [? ErrorType] )
/// ```
///
/// `Struct` is a [`#[pin_data]`](pin_data) type: a path, `Foo::<T>`, an alias or `Self`. The
/// entries are executed in order, when the initialiser runs:
///
/// | entry | meaning |
/// |---|---|
/// | `field: value` | moves `value` in; values that `value` captures are moved into the initialiser |
/// | `field` | short for `field: field` |
/// | `field <- init` | runs `init`: an `impl PinInit<Field, E>` if the field is `#[pin]`, otherwise an `impl Init<Field, E>` |
/// | `_: { statements }` | runs the block, which has to be `()` |
/// | `..Zeroable::init_zeroed()` | last: zeroes all other fields, before the first entry runs; so does `..pin_init::zeroed()` |
///
/// After its entry, a field is in scope by its name, as `Pin<&mut Field>` if it is `#[pin]` and
/// `&mut Field` otherwise. These references end with the initialiser. With `&this in`, `this` is a
/// `NonNull<Struct>`. It is the address of the value, most of which is not yet initialised.
///
/// `#[cfg(..)]` and lint attributes can stand on any entry. Each field has to be initialised
/// exactly once.
///
/// # Errors
///
/// The initialiser fails if a `?` or `return Err(..)` in an entry does, or if the `init` of a `<-`
/// does, whose error is converted by `From`. The fields initialised so far are dropped in reverse
/// order; fields that were only zeroed are not.
///
/// Without `? ErrorType`, the error is `Infallible`. A macro that wraps this one can set another
/// default with `#[default_error(Type)]` before the struct literal.
///
/// # Examples
///
/// ```
/// use pin_init::{PinInit, Zeroable, pin_data, pin_init, stack_pin_init, stack_try_pin_init};
/// use std::pin::Pin;
///
/// #[pin_data]
/// #[derive(Zeroable)]
/// struct Sensor {
///     #[pin]
///     samples: [u32; 4],
///     sum: u32,
///     /// Milliseconds.
///     period: u32,
///     reserved: [u8; 32],
/// }
///
/// #[derive(Debug, PartialEq)]
/// struct TooFast;
///
/// fn sensor(
///     period: u32,
///     samples: impl PinInit<[u32; 4], TooFast>,
/// ) -> impl PinInit<Sensor, TooFast> {
///     pin_init!(Sensor {
///         samples <- samples,
///         sum: samples.iter().sum(),
///         _: {
///             if period < 10 {
///                 return Err(TooFast);
///             }
///         },
///         period,
///         ..Zeroable::init_zeroed()
///     }? TooFast)
/// }
///
/// stack_try_pin_init!(let good = sensor(20, Ok([1, 2, 3, 4])));
/// assert_eq!(good.map(|sensor| sensor.sum), Ok(10));
/// stack_try_pin_init!(let fast = sensor(5, Ok([1, 2, 3, 4])));
/// assert_eq!(fast.map(|sensor| sensor.sum), Err(TooFast));
/// ```
pub use pin_init_internal::pin_init;

/// [`pin_init!`](macro@crate::pin_init) that requires an error type.
///
/// # Examples
///
/// ```
/// use pin_init::{PinInit, pin_data, stack_try_pin_init, try_pin_init};
/// use std::num::TryFromIntError;
///
/// #[pin_data]
/// struct Port {
///     number: u16,
/// }
///
/// fn port(number: u32) -> impl PinInit<Port, TryFromIntError> {
///     try_pin_init!(Port { number: number.try_into()? }? TryFromIntError)
/// }
///
/// stack_try_pin_init!(let port = port(70_000));
/// assert!(port.is_err());
/// ```
///
/// A crate with an error type of its own can make it the default:
///
/// ```
/// # mod error { #[derive(Debug, PartialEq)] pub struct Errno(pub i32); }
/// macro_rules! try_pin_init {
///     ($($input:tt)*) => {
///         ::pin_init::try_pin_init!(#[default_error(crate::error::Errno)] $($input)*)
///     };
/// }
/// # fn main() {
/// # use pin_init::{pin_data, stack_try_pin_init};
/// # #[pin_data]
/// # struct Port { number: u16 }
/// stack_try_pin_init!(let port = try_pin_init!(Port {
///     number: return Err(error::Errno(22)),
/// }));
/// assert_eq!(port.err(), Some(error::Errno(22)));
/// # }
/// ```
pub use pin_init_internal::try_pin_init;

/// Makes an `impl Init<T, E>` from a struct literal with initialisers.
///
/// As [`pin_init!`](macro@crate::pin_init), for a value that can be moved afterwards. The macro
/// takes any struct, `#[pin_data]` or not. All fields take an `impl Init` and are seen as `&mut
/// Field`.
///
/// The macro refuses the variant of an enum and a union (E0436): an enum is more than the fields of
/// a variant. Such a value is its own initialiser.
///
/// # Errors
///
/// The errors are those of [`pin_init!`](macro@crate::pin_init).
///
/// # Examples
///
/// ```
/// use pin_init::{Init, init, init_array_from_fn, stack_pin_init};
///
/// struct Table<T> {
///     entries: [T; 3],
///     first: T,
/// }
///
/// fn table<T: Copy>(make: impl Fn(usize) -> T) -> impl Init<Table<T>> {
///     init!(Table::<T> {
///         entries: std::array::from_fn(make),
///         first: entries[0],
///     })
/// }
///
/// stack_pin_init!(let table = table(|i| i + 5));
/// assert_eq!((table.first, table.entries[2]), (5, 7));
/// ```
pub use pin_init_internal::init;

/// [`init!`](macro@crate::init) that requires an error type.
///
/// # Examples
///
/// ```
/// use pin_init::{Init, try_init};
/// use std::str::Utf8Error;
///
/// struct Name<'a> {
///     text: &'a str,
///     length: usize,
/// }
///
/// fn name(bytes: &[u8]) -> impl Init<Name<'_>, Utf8Error> {
///     try_init!(Name {
///         text: std::str::from_utf8(bytes)?,
///         length: text.len(),
///     }? Utf8Error)
/// }
/// # pin_init::stack_try_pin_init!(let eel = name(b"eel"));
/// # assert_eq!(eel.unwrap().length, 3);
/// ```
pub use pin_init_internal::try_init;

/// Implements [`Zeroable`](trait@crate::Zeroable) for a struct or union.
///
/// Each field has to be `Zeroable`; each type parameter gets the bound.
///
/// # Examples
///
/// ```
/// use pin_init::Zeroable;
///
/// #[derive(Zeroable)]
/// struct Frame<T> {
///     header: [u8; 4],
///     payload: T,
///     next: Option<&'static u8>,
/// }
///
/// let frame: Frame<u32> = Zeroable::zeroed();
/// assert_eq!((frame.header, frame.payload, frame.next), ([0; 4], 0, None));
/// ```
pub use pin_init_internal::Zeroable;

/// Implements [`Zeroable`](trait@crate::Zeroable) for a struct or union if each field is, and
/// nothing otherwise.
///
/// It is for generated code, such as the bindings of C headers, that cannot know this.
///
/// # Examples
///
/// ```
/// use pin_init::{MaybeZeroable, Zeroable};
///
/// #[derive(MaybeZeroable)]
/// struct Yes {
///     number: u32,
/// }
///
/// #[derive(MaybeZeroable)]
/// struct No {
///     reference: &'static u32,
/// }
///
/// assert_eq!(Yes::zeroed().number, 0);
/// # let _ = No { reference: &1 }.reference;
/// ```
pub use pin_init_internal::MaybeZeroable;

/// Expands a macro of this crate, with this crate's paths and this crate's `unsafe`.
///
/// Any code can call it. The expansion proves its own claims, or does not compile.
///
/// The macros expand to a call of this macro, which names nothing that a caller could replace. See
/// `authority` in `pin_init_internal`.
#[doc(hidden)]
#[macro_export]
macro_rules! __expand_as_ours {
    ($($request:tt)*) => { $crate::__internal::expand! { [$crate unsafe] $($request)* } };
}
