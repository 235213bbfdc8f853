// SPDX-License-Identifier: GPL-2.0

//! The step from a raw pointer to one to a part of a struct or an array:
//! [`ptr::project!`](crate::ptr::project!).

use core::mem::MaybeUninit;

use super::project::{Elements, Index};
use crate::build_error;
use crate::error::{Result, code::ERANGE};

/// A raw pointer to a part of a struct or an array, without access to memory. Drivers name the
/// macro `ptr::project!`.
///
/// The arguments are a raw pointer, a comma, and the path to the part, as in
/// [`io_project!`](crate::io_project!). The result is a `*const`. With `mut` before the pointer it
/// is a `*mut`. The pointer may be dangling or null; then the result is so as well.
///
/// Context: any context.
///
/// # Errors
///
/// `ERANGE` if an index of `[try: index]` or `[index]?` is out of range.
///
/// ```
/// use kernel::{error::Result, ptr::project};
///
/// struct Queue {
///     head: u32,
///     slots: [(u16, u64); 4],
/// }
///
/// let mut queue = Queue { head: 3, slots: [(1, 2); 4] };
/// let queue = &raw mut queue;
/// assert_eq!(project!(queue, .head), unsafe { &raw const (*queue).head });
/// assert_eq!(project!(mut queue, .slots[build: 2].1), unsafe { &raw mut (*queue).slots[2].1 });
/// let slot = |i: usize| -> Result<*const (u16, u64)> { Ok(project!(queue, .slots[try: i])) };
/// assert!(slot(3).is_ok() && slot(4).is_err());
/// assert!(project!(core::ptr::null::<Queue>(), .head).addr() < size_of::<Queue>());
/// ```
///
/// A path does not go through `Deref`:
///
/// ```compile_fail,E0283
/// use kernel::ptr::project;
///
/// struct Inner { a: u32 }
/// struct Outer(Inner);
///
/// impl core::ops::Deref for Outer {
///     type Target = Inner;
///     fn deref(&self) -> &Inner { &self.0 }
/// }
///
/// fn a(outer: *const Outer) -> *const u32 {
///     project!(outer, .a)
/// }
/// ```
#[macro_export]
macro_rules! project_pointer {
    (mut $pointer:expr, $($path:tt)+) => {
        $crate::__pointer_path!(@step { let start: *mut _ = $pointer; start }; $($path)+)
    };
    ($pointer:expr, $($path:tt)+) => {
        $crate::__pointer_path!(@step { let start: *const _ = $pointer; start.cast_mut() };
            $($path)+).cast_const()
    };
}

/// What [`project_pointer!`](crate::project_pointer!) expands to: one step after the other.
#[doc(hidden)]
#[macro_export]
macro_rules! __pointer_path {
    (@step $pointer:expr;) => { $pointer };
    (@step $pointer:expr; [try: $($index:tt)+] $($rest:tt)*) => {
        $crate::__pointer_path!(@step
            $crate::io::pointer_try_at($pointer, $($index)+)?; $($rest)*)
    };
    (@step $pointer:expr; [build: $($index:tt)+] $($rest:tt)*) => {
        $crate::__pointer_path!(@step $crate::io::pointer_built_at($pointer, $($index)+); $($rest)*)
    };
    (@step $pointer:expr; [panic: $($index:tt)+] $($rest:tt)*) => {
        $crate::__pointer_path!(@step $crate::io::pointer_panicking_at($pointer, $($index)+); $($rest)*)
    };
    (@step $pointer:expr; [$index:expr] ? $($rest:tt)*) => {
        $crate::__pointer_path!(@step $crate::io::pointer_try_at($pointer, $index)?; $($rest)*)
    };
    (@step $pointer:expr; [$index:expr] $($rest:tt)*) => {
        $crate::__pointer_path!(@step $crate::io::pointer_built_at($pointer, $index); $($rest)*)
    };
    (@step $pointer:expr; . $field:tt $($rest:tt)*) => {
        $crate::__pointer_path!(@step {
            const {
                $crate::__core::assert!(
                    $crate::io::is_one_field($crate::__core::stringify!($field)),
                    "one field at a time"
                )
            };
            let whole = $pointer;
            $crate::io::ProjectHelper::assert_not_deref(whole);
            $crate::io::pointer_field(whole, |place| {
                // SAFETY: the address of a field requires that `place` cover its type, and that
                // nothing is read. `pointer_field` passes such a place. The type has no `Deref`, by
                // the line above, so nothing is read.
                unsafe { &raw mut (*place).$field }
            })
        }; $($rest)*)
    };
}

/// The pointer to a field, which `field` finds in a value that has none.
#[inline(always)]
pub fn pointer_field<T, U>(whole: *mut T, field: impl FnOnce(*mut T) -> *mut U) -> *mut U {
    let mut room = MaybeUninit::<T>::uninit();
    let place = room.as_mut_ptr();
    // OVERFLOW: none that matters: a field lies behind the beginning of its value.
    let offset = field(place).addr().wrapping_sub(place.addr());
    whole.cast::<u8>().wrapping_add(offset).cast()
}

/// The pointer to an element, or to the elements of a range.
///
/// # Errors
///
/// `ERANGE` if they do not all exist.
#[inline(always)]
pub fn pointer_try_at<T, I>(whole: *mut T, index: I) -> Result<*mut I::Part>
where
    T: Elements + ?Sized,
    I: Index<T>,
{
    index.part(whole).ok_or(ERANGE)
}

/// The pointer to an element, or to the elements of a range. Fails the build unless they are known
/// to exist.
#[inline(always)]
pub fn pointer_built_at<T, I>(whole: *mut T, index: I) -> *mut I::Part
where
    T: Elements + ?Sized,
    I: Index<T>,
{
    let Some(part) = index.part(whole) else {
        build_error!("the array has no such elements")
    };
    part
}

/// The pointer to an element, or to the elements of a range.
///
/// # Panics
///
/// If they do not all exist.
#[inline(always)]
#[track_caller]
pub fn pointer_panicking_at<T, I>(whole: *mut T, index: I) -> *mut I::Part
where
    T: Elements + ?Sized,
    I: Index<T>,
{
    let Some(part) = index.part(whole) else {
        // PANIC: documented.
        panic!("the array has no such elements")
    };
    part
}

#[cfg(test)]
mod tests {
    use crate::{
        error::{Result, code::ERANGE},
        ptr::project,
    };

    #[derive(Default)]
    struct Inner {
        a: u8,
        b: [u32; 3],
    }

    #[derive(Default)]
    #[repr(C, packed)]
    struct Packed {
        first: u8,
        number: u32,
    }

    #[test]
    fn paths_lead_to_their_parts() {
        let mut values = [Inner::default(), Inner::default()];
        let whole = &raw mut values;
        let second = values.as_mut_ptr().wrapping_add(1);
        assert_eq!(project!(mut whole, [build: 1]), second);
        // SAFETY: a field's place requires a live value; it is that of the test.
        assert_eq!(project!(whole, [1].a), unsafe { &raw const (*second).a });
        // SAFETY: as above.
        let last = unsafe { &raw mut (*second).b[2] };
        let nth = |i: usize| -> Result<*mut u32> { Ok(project!(mut whole, [panic: 1].b[try: i])) };
        assert_eq!((nth(2), nth(3)), (Ok(last), Err(ERANGE)));
        let part = project!(whole, [0].b[build: 1..]);
        assert_eq!(part.len(), 2);
    }

    #[test]
    fn fields_need_no_value() {
        let packed = core::ptr::without_provenance::<Packed>(0x1001);
        assert_eq!(project!(packed, .first).addr(), 0x1001);
        assert_eq!(project!(packed, .number).addr(), 0x1002);
    }

    #[test]
    #[should_panic = "no such elements"]
    fn an_element_that_is_missing_panics() {
        let index = core::hint::black_box(2);
        project!(core::ptr::null::<[u8; 2]>(), [panic: index]);
    }
}
