// SPDX-License-Identifier: GPL-2.0

//! Pinned values on the stack, and a check at compile time.

/// Runs an initialiser that cannot fail on the stack and binds a `Pin<&mut T>`.
///
/// The value lives until the end of the enclosing block. The stack of a kernel thread is small;
/// large values belong in a box.
///
/// # Examples
///
/// ```
/// use pin_init::{pin_data, pin_init, stack_pin_init};
///
/// #[pin_data]
/// struct Pair {
///     #[pin]
///     left: u32,
///     right: u32,
/// }
///
/// stack_pin_init!(let pair = pin_init!(Pair { left: 1, right: 2 }));
/// *pair.as_mut().project().right += 1;
/// assert_eq!((pair.left, pair.right), (1, 3));
///
/// stack_pin_init!(let number: u8 = 7);
/// assert_eq!(*number, 7);
/// ```
#[macro_export]
macro_rules! stack_pin_init {
    (let $var:ident $(: $t:ty)? = $val:expr) => {
        let init = $val;
        let slot = $crate::__internal::core::pin::pin!($crate::__internal::StackSlot $(::<$t>)? ::empty());
        let mut $var = match $crate::__internal::StackSlot::init(slot, init) {
            $crate::__internal::core::result::Result::Ok(value) => value,
            $crate::__internal::core::result::Result::Err(never) => {
                let never: $crate::__internal::core::convert::Infallible = never;
                match never {}
            }
        };
        // This keeps the compiler from warning a caller that does not need the `mut`.
        let _ = &mut $var;
    };
}

/// Runs an initialiser on the stack and binds a `Result<Pin<&mut T>, E>`. With `=?`, it binds a
/// `Pin<&mut T>`.
///
/// With `=?` an error is returned from the enclosing function, as by the operator `?`.
///
/// # Examples
///
/// ```
/// use pin_init::{pin_data, stack_try_pin_init, try_pin_init};
/// use std::num::ParseIntError;
///
/// #[pin_data]
/// struct Level {
///     #[pin]
///     value: u8,
/// }
///
/// fn parse(text: &str) -> Result<u8, ParseIntError> {
///     stack_try_pin_init!(let level: Level =? try_pin_init!(Level {
///         value: text.parse()?,
///     }? ParseIntError));
///     Ok(level.value)
/// }
///
/// assert_eq!(parse("200"), Ok(200));
/// assert!(parse("300").is_err());
///
/// stack_try_pin_init!(let level = try_pin_init!(Level { value: 3 }? ParseIntError));
/// assert_eq!(level.map(|level| level.value), Ok(3));
/// ```
#[macro_export]
macro_rules! stack_try_pin_init {
    (let $var:ident $(: $t:ty)? = $val:expr) => {
        let init = $val;
        let slot = $crate::__internal::core::pin::pin!($crate::__internal::StackSlot $(::<$t>)? ::empty());
        let mut $var = $crate::__internal::StackSlot::init(slot, init);
        // This keeps the compiler from warning a caller that does not need the `mut`.
        let _ = &mut $var;
    };
    (let $var:ident $(: $t:ty)? =? $val:expr) => {
        let init = $val;
        let slot = $crate::__internal::core::pin::pin!($crate::__internal::StackSlot $(::<$t>)? ::empty());
        let mut $var = $crate::__internal::StackSlot::init(slot, init)?;
        // This keeps the compiler from warning a caller that does not need the `mut`.
        let _ = &mut $var;
    };
}

/// Asserts at compile time that a field is `#[pin]` and of a certain type.
///
/// It is for code that derives the address of a pinned field by other means than `project`. Where
/// the types come from generics of the enclosing function, add `inline`; then the macro is a
/// statement.
///
/// # Examples
///
/// ```
/// use pin_init::{assert_pinned, pin_data};
///
/// #[pin_data]
/// struct Wagon<T> {
///     #[pin]
///     coupling: T,
/// }
///
/// assert_pinned!(Wagon<u8>, coupling, u8);
///
/// fn couple<T>(_wagon: &Wagon<T>) {
///     assert_pinned!(Wagon<T>, coupling, T, inline);
/// }
/// # couple(&Wagon { coupling: 1 });
/// ```
#[macro_export]
macro_rules! assert_pinned {
    ($ty:ty, $field:ident, $field_ty:ty, inline) => {
        let _: unsafe fn(
            <$ty as $crate::__internal::HasPinData>::PinData,
            *mut $ty,
        ) -> $crate::__internal::PinSlot<$field_ty> =
            <<$ty as $crate::__internal::HasPinData>::PinData>::$field;
    };
    ($ty:ty, $field:ident, $field_ty:ty) => {
        const _: () = {
            $crate::assert_pinned!($ty, $field, $field_ty, inline);
        };
    };
}
