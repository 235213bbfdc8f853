// SPDX-License-Identifier: GPL-2.0

//! The step from a view of a struct or an array to a view of a part:
//! [`io_project!`](crate::io_project!).

use core::{
    ops::{Deref, Range, RangeFrom, RangeFull, RangeTo},
    ptr,
};

use super::check::built_in_part;
use super::{IoBackend, IoBase, Region};
use crate::error::{Result, code::ERANGE};
use crate::ptr::KnownSize;
use crate::{build_assert, build_error};

/// The view of a part of a struct or an array in I/O memory.
///
/// The arguments are a value that gives a view, or whose reference gives one (see [`IoBase`]), a
/// comma, and the path to the part. The steps of a path are:
///
/// - `.field`: a field.
/// - `[build: index]`: an element of an array, or a range of elements. The build checks that they
///   exist.
/// - `[try: index]`: the same, checked at run time. An error is returned from the surrounding
///   function, as by `?`.
/// - `[panic: index]`: the same, checked at run time; a panic if they do not exist.
/// - `[index]`: an element of an array. The build checks that there is one. Not in Linux 7.3.
/// - `[index]?`: the same as `[try: index]`. Not in Linux 7.3.
///
/// A range is `from..to`, `from..`, `..to` or `..`. The macro accesses no memory.
///
/// Context: any context.
///
/// # Errors
///
/// `ERANGE` if an index of `[try: index]` or `[index]?` is out of range.
///
/// ```
/// use kernel::error::Result;
/// use kernel::io::{SysMem, io_project, io_read, io_write};
/// use zerocopy::{FromBytes, IntoBytes};
///
/// #[derive(FromBytes, IntoBytes)]
/// #[repr(C)]
/// struct Descriptor {
///     addr: u64,
///     len: u32,
///     flags: u32,
/// }
///
/// fn take(ring: SysMem<'_, [Descriptor]>, i: usize) -> Result<u32> {
///     let descriptor = io_project!(ring, [try: i]);
///     io_write!(descriptor, .flags, 0);
///     Ok(io_read!(descriptor, .len))
/// }
/// ```
///
/// A range of elements is a slice. The elements of a [`Region`] are bytes:
///
/// ```
/// use kernel::error::Result;
/// use kernel::io::{Io, Mmio, Region, io_project};
///
/// fn fill(window: Mmio<'_, Region>, from: usize, data: &[u8]) -> Result {
///     let to = from.saturating_add(data.len());
///     io_project!(window, [try: from..to]).copy_from_slice(data);
///     Ok(())
/// }
/// ```
///
/// A path does not go through `Deref`, which would read the memory by a Rust reference:
///
/// ```compile_fail,E0283
/// # use kernel::io::{SysMem, io_project};
/// struct Inner { a: u32 }
/// struct Outer(Inner);
///
/// impl core::ops::Deref for Outer {
///     type Target = Inner;
///     fn deref(&self) -> &Inner { &self.0 }
/// }
///
/// fn a<'a>(outer: SysMem<'a, Outer>) -> SysMem<'a, u32> {
///     io_project!(outer, .a)
/// }
/// ```
#[macro_export]
macro_rules! io_project {
    ($io:expr, $($path:tt)+) => {
        $crate::__io_path!(@step $crate::io::ProjectBase::new(&$io).view(); $($path)+)
    };
}

/// What [`io_project!`](crate::io_project!) expands to: one step after the other.
#[doc(hidden)]
#[macro_export]
macro_rules! __io_path {
    (@step $view:expr;) => { $view };
    (@step $view:expr; [try: $($index:tt)+] $($rest:tt)*) => {
        $crate::__io_path!(@step
            $crate::io::ProjectHelper::new($view).try_at($($index)+)?; $($rest)*)
    };
    (@step $view:expr; [build: $($index:tt)+] $($rest:tt)*) => {
        $crate::__io_path!(@step
            $crate::io::ProjectHelper::new($view).built_at($($index)+); $($rest)*)
    };
    (@step $view:expr; [panic: $($index:tt)+] $($rest:tt)*) => {
        $crate::__io_path!(@step
            $crate::io::ProjectHelper::new($view).panicking_at($($index)+); $($rest)*)
    };
    (@step $view:expr; [$index:expr] ? $($rest:tt)*) => {
        $crate::__io_path!(@step
            $crate::io::ProjectHelper::new($view).try_at($index)?; $($rest)*)
    };
    (@step $view:expr; [$index:expr] $($rest:tt)*) => {
        $crate::__io_path!(@step
            $crate::io::ProjectHelper::new($view).at($index); $($rest)*)
    };
    (@step $view:expr; . $field:tt $($rest:tt)*) => {
        $crate::__io_path!(@step {
            const { $crate::__core::assert!($crate::io::is_one_field($crate::__core::stringify!($field)), "one field at a time") };
            let helper = $crate::io::ProjectHelper::new($view);
            let whole = helper.as_ptr();
            $crate::io::ProjectHelper::assert_not_deref(whole);
            // SAFETY: the address of a field of `*whole` requires that `whole` cover its type, and
            // that nothing is read. A view covers its target. The type has no `Deref`, by the line
            // above, so nothing is read.
            helper.field(unsafe { &raw mut (*whole).$field })
        }; $($rest)*)
    };
}

/// Reads a part of a struct or an array in I/O memory in one access.
///
/// The arguments are those of [`io_project!`](crate::io_project!). The kind of memory must be able
/// to access the part's type in one access (see [`IoCapable`](super::IoCapable)).
///
/// Context: any context.
#[macro_export]
macro_rules! io_read {
    ($io:expr, $($path:tt)+) => {
        $crate::io::Io::read_val($crate::io_project!($io, $($path)+))
    };
}

/// Writes a part of a struct or an array in I/O memory in one access.
///
/// The arguments are those of [`io_project!`](crate::io_project!), then a comma and the value. The
/// kind of memory must be able to access the part's type in one access (see
/// [`IoCapable`](super::IoCapable)).
///
/// Context: any context.
#[macro_export]
macro_rules! io_write {
    (@ $io:expr, [$($path:tt)+], $value:expr $(,)?) => {
        $crate::io::Io::write_val($crate::io_project!($io, $($path)+), $value)
    };
    (@ $io:expr, [$($path:tt)*] $next:tt $($rest:tt)+) => {
        $crate::io_write!(@ $io, [$($path)* $next] $($rest)+)
    };
    ($io:expr, $($path_and_value:tt)+) => {
        $crate::io_write!(@ $io, [] $($path_and_value)+)
    };
}

/// Whether `name` names one field. The compiler takes `0.1` for two fields, and goes through
/// `Deref` between them.
pub const fn is_one_field(name: &str) -> bool {
    let mut rest = name.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'.' {
            return false;
        }
        rest = tail;
    }
    true
}

/// What [`io_project!`](crate::io_project!) was given. Its method `view` is that of the reference,
/// if that gives a view, and otherwise that of the value.
pub struct ProjectBase<'a, V>(ProjectValue<'a, V>);

/// The value of a [`ProjectBase`].
pub struct ProjectValue<'a, V>(&'a V);

impl<'a, V> ProjectBase<'a, V> {
    /// Takes the base of a path.
    #[inline(always)]
    pub fn new(io: &'a V) -> Self {
        Self(ProjectValue(io))
    }
}

impl<'a, V> ProjectBase<'a, V>
where
    &'a V: IoBase<'a>,
{
    /// The reference, which gives a view.
    #[inline(always)]
    pub fn view(self) -> &'a V {
        self.0.0
    }
}

impl<'a, V> Deref for ProjectBase<'a, V> {
    type Target = ProjectValue<'a, V>;

    #[inline(always)]
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<V> ProjectValue<'_, V> {
    /// A copy of the value, which gives a view.
    #[inline(always)]
    pub fn view<'a>(&self) -> V
    where
        V: IoBase<'a>,
    {
        *self.0
    }
}

/// A view from which [`io_project!`](crate::io_project!) takes a step. Drivers do not use this type
/// directly.
pub struct ProjectHelper<V>(V);

impl<T> ProjectHelper<*mut T> {
    /// Does not compile if `T` implements `Deref`.
    #[inline(always)]
    pub fn assert_not_deref<Choice>(_whole: *mut T)
    where
        T: NotDeref<Choice>,
    {
    }
}

/// Most types implement this trait once. Types with `Deref` implement it twice, so that the
/// compiler cannot infer `Choice` for them.
pub trait NotDeref<Choice> {}

impl<T> NotDeref<[(); 0]> for T {}
impl<T: Deref> NotDeref<[(); 1]> for T {}

/// An array, a slice or a region. It has as many bytes as its elements, and at least their
/// alignment.
///
/// Code outside of this module cannot name the trait, so only these three types implement it.
pub trait Elements: KnownSize {
    /// The type of the elements.
    type Element;

    /// The number of elements.
    fn count(ptr: *const Self) -> usize;
}

impl<T> Elements for [T] {
    type Element = T;

    #[inline(always)]
    fn count(ptr: *const Self) -> usize {
        ptr.len()
    }
}

impl<T, const N: usize> Elements for [T; N] {
    type Element = T;

    #[inline(always)]
    fn count(_ptr: *const Self) -> usize {
        N
    }
}

impl<const SIZE: usize> Elements for Region<SIZE> {
    type Element = u8;

    #[inline(always)]
    fn count(ptr: *const Self) -> usize {
        Self::size(ptr)
    }
}

/// A view of a `U` in the memory of `V`.
type ViewOf<'a, V, U> = <<V as IoBase<'a>>::Backend as IoBackend>::View<'a, U>;

impl<'a, V: IoBase<'a>> ProjectHelper<V> {
    /// Starts at the whole memory.
    #[inline(always)]
    pub fn new(io: V) -> Self {
        Self(io)
    }

    /// The pointer to the whole memory.
    #[inline(always)]
    pub fn as_ptr(&self) -> *mut V::Target {
        V::Backend::as_ptr(self.0.as_view())
    }

    /// The view of the `U` at `ptr`. Fails the build unless the `U` is known to be a part of the
    /// whole, and aligned. A field of a packed struct may be misaligned.
    #[inline(always)]
    pub fn field<U>(self, ptr: *mut U) -> ViewOf<'a, V, U> {
        let offset = ptr.addr().wrapping_sub(self.as_ptr().cast::<u8>().addr());
        built_in_part(self.0, offset)
    }

    /// The view of element `index`. Fails the build unless the element is known to exist.
    #[inline(always)]
    pub fn at(self, index: usize) -> ViewOf<'a, V, <V::Target as Elements>::Element>
    where
        V::Target: Elements,
    {
        build_assert!(
            index < V::Target::count(self.as_ptr()),
            "the array has no such element"
        );
        // OVERFLOW: the offset of an existing element does not wrap, and the callee checks the
        // result.
        built_in_part(
            self.0,
            index.wrapping_mul(size_of::<<V::Target as Elements>::Element>()),
        )
    }

    /// The view of element `index`, or of the elements of a range. Fails the build unless they are
    /// known to exist.
    #[inline(always)]
    pub fn built_at<I>(self, index: I) -> ViewOf<'a, V, I::Part>
    where
        V::Target: Elements,
        I: Index<V::Target>,
    {
        let Ok(part) = self.try_at(index) else {
            build_error!("the array has no such elements")
        };
        part
    }

    /// The view of element `index`, or of the elements of a range.
    ///
    /// # Panics
    ///
    /// If the element, or any element of the range, does not exist.
    #[inline(always)]
    #[track_caller]
    pub fn panicking_at<I>(self, index: I) -> ViewOf<'a, V, I::Part>
    where
        V::Target: Elements,
        I: Index<V::Target>,
    {
        let Ok(part) = self.try_at(index) else {
            // PANIC: documented.
            panic!("the array has no such elements")
        };
        part
    }

    /// The view of element `index`, or of the elements of a range.
    ///
    /// # Errors
    ///
    /// `ERANGE` if the element, or any element of the range, does not exist.
    #[inline(always)]
    pub fn try_at<I>(self, index: I) -> Result<ViewOf<'a, V, I::Part>>
    where
        V::Target: Elements,
        I: Index<V::Target>,
    {
        let view = self.0.as_view();
        let base = V::Backend::as_ptr(view);
        let part = index.part(base).ok_or(ERANGE)?;
        // SAFETY: `project_view` requires an aligned pointer to bytes within the view; `part`
        // returns such a pointer, derived from that of the view.
        Ok(unsafe { V::Backend::project_view(view, part) })
    }
}

/// An index: one element, or a range of elements.
///
/// # Safety
///
/// `part` returns only pointers to elements that `base` covers.
pub unsafe trait Index<T: Elements + ?Sized> {
    /// An element, or a slice of them.
    type Part: KnownSize + ?Sized;

    /// The pointer to the elements; `None` if they do not all exist. `base` covers a `T`, and is
    /// aligned.
    fn part(self, base: *mut T) -> Option<*mut Self::Part>;
}

// SAFETY: `Index` requires that `part` return only pointers to elements; an index below the count
// is that of an element, by `Elements`.
unsafe impl<T: Elements + ?Sized> Index<T> for usize {
    type Part = T::Element;

    #[inline(always)]
    fn part(self, base: *mut T) -> Option<*mut T::Element> {
        (self < T::count(base)).then(|| base.cast::<T::Element>().wrapping_add(self))
    }
}

// SAFETY: `Index` requires that `part` return only pointers to elements; a range that does not end
// beyond the count has only elements, by `Elements`.
unsafe impl<T: Elements + ?Sized> Index<T> for Range<usize> {
    type Part = [T::Element];

    #[inline(always)]
    fn part(self, base: *mut T) -> Option<*mut [T::Element]> {
        let length = self.end.checked_sub(self.start)?;
        (self.end <= T::count(base)).then(|| {
            let first = base.cast::<T::Element>().wrapping_add(self.start);
            ptr::slice_from_raw_parts_mut(first, length)
        })
    }
}

macro_rules! impl_index_by_range {
    ($($range:ty, $self:ident, $base:ident => $whole:expr;)*) => {$(
        // SAFETY: `Index` requires that `part` return only pointers to elements; the implementation
        // for `Range` does so.
        unsafe impl<T: Elements + ?Sized> Index<T> for $range {
            type Part = [T::Element];

            #[inline(always)]
            fn part($self, $base: *mut T) -> Option<*mut [T::Element]> {
                $whole.part($base)
            }
        }
    )*};
}

impl_index_by_range! {
    RangeFrom<usize>, self, base => self.start..T::count(base);
    RangeTo<usize>, self, base => 0..self.end;
    RangeFull, self, base => 0..T::count(base);
}

#[cfg(test)]
mod tests {
    use zerocopy::{FromBytes, IntoBytes};

    use super::*;
    use crate::io::testing::Memory;
    use crate::io::{Io, Mmio, MmioBackend, SysMem};

    #[derive(FromBytes, IntoBytes)]
    #[repr(C)]
    struct Inner {
        a: u16,
        b: [u16; 3],
    }

    #[derive(FromBytes, IntoBytes)]
    #[repr(C)]
    struct Outer {
        first: u64,
        inner: [Inner; 2],
        last: Pair,
    }

    #[derive(FromBytes, IntoBytes)]
    #[repr(C)]
    struct Pair(u32, u32);

    #[derive(FromBytes, IntoBytes)]
    #[repr(C, packed)]
    struct Packed {
        tag: u8,
        value: u16,
    }

    fn registers(memory: &Memory) -> Mmio<'_, Outer> {
        memory.mmio::<32>().try_cast().unwrap()
    }

    #[test]
    fn ways_lead_to_the_right_place() {
        let memory = Memory::new(32);
        memory.count_up();
        let outer = registers(&memory);
        assert_eq!(io_read!(outer, .first), 0x0807_0605_0403_0201);
        assert_eq!(io_read!(outer, .inner[1].a), 0x1211);
        assert_eq!(io_read!(outer, .inner[0].b[2]), 0x100f);
        assert_eq!(io_read!(outer, .last.1), 0x201f_1e1d);
        let inner = io_project!(outer, .inner[1]);
        io_write!(inner, .b[0], 0xabcd);
        io_write!(outer, .last.0, u32::MAX);
        assert_eq!(memory.bytes()[18..20], [0xcd, 0xab]);
        assert_eq!(memory.bytes()[24..29], [255, 255, 255, 255, 29]);
    }

    #[test]
    fn elements_are_checked_at_run_time() {
        fn element(outer: Mmio<'_, Outer>, i: usize, j: usize) -> Result<u16> {
            Ok(io_read!(outer, .inner[i]?.b[j]?))
        }
        let memory = Memory::new(32);
        memory.count_up();
        let outer = registers(&memory);
        assert_eq!(element(outer, 1, 2), Ok(0x1817));
        for (i, j) in [(2, 0), (0, 3), (usize::MAX, 0), (0, usize::MAX / 2 + 1)] {
            assert_eq!(element(outer, i, j), Err(ERANGE), "[{i}].b[{j}]");
        }
    }

    #[test]
    fn slices_have_elements_too() {
        fn nth(bytes: SysMem<'_, [u8]>, i: usize) -> Result<u8> {
            Ok(io_read!(bytes, [i]?))
        }
        let memory = Memory::new(13);
        memory.count_up();
        let whole = memory.sys_mem::<13>().as_ptr() as *mut [u8];
        // SAFETY: `new` requires the same as in `sys_mem`, and the bytes are the same.
        let bytes = unsafe { SysMem::new(whole) };
        assert_eq!((bytes.len(), bytes.is_empty()), (13, false));
        assert_eq!((nth(bytes, 12), nth(bytes, 13)), (Ok(13), Err(ERANGE)));
        let mut copy = [0; 13];
        bytes.copy_to_slice(&mut copy);
        assert_eq!(copy, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
        bytes.copy_from_slice(&[7; 13]);
        assert_eq!(memory.bytes()[12..14], [7, 14]);
    }

    #[test]
    fn ranges_are_slices() {
        fn copy(bytes: SysMem<'_, [u8; 16]>, range: Range<usize>, out: &mut [u8]) -> Result {
            io_project!(bytes, [range]?).copy_to_slice(out);
            Ok(())
        }
        let memory = Memory::new(16);
        memory.count_up();
        let bytes = memory.sys_mem::<16>().try_cast::<[u8; 16]>().unwrap();
        let mut out = [0; 3];
        assert_eq!((copy(bytes, 13..16, &mut out), out), (Ok(()), [14, 15, 16]));
        assert_eq!(copy(bytes, 16..16, &mut []), Ok(()));
        let backwards = Range { start: 3, end: 2 };
        for range in [14..17, 17..17, backwards, 0..usize::MAX] {
            assert_eq!(
                copy(bytes, range.clone(), &mut out),
                Err(ERANGE),
                "{range:?}"
            );
        }
        let words = memory.sys_mem::<16>().try_cast::<[u32; 4]>().unwrap();
        let word = || -> Result<u32> { Ok(io_read!(words, [1..3]?[1]?)) };
        assert_eq!(word(), Ok(0x0c0b_0a09));
    }

    #[test]
    fn regions_have_bytes() {
        fn copy(window: Mmio<'_, Region<8>>, range: Range<usize>, out: &mut [u8]) -> Result {
            io_project!(window, [range]?).copy_to_slice(out);
            Ok(())
        }
        let memory = Memory::new(13);
        memory.count_up();
        let window = memory.mmio::<8>();
        let mut out = [0; 3];
        assert_eq!(
            (copy(window, 10..13, &mut out), out),
            (Ok(()), [11, 12, 13])
        );
        assert_eq!(copy(window, 11..14, &mut out), Err(ERANGE));
        let byte = |i| -> Result<u8> { Ok(io_read!(window, [i]?)) };
        assert_eq!((byte(12), byte(13)), (Ok(13), Err(ERANGE)));
    }

    #[test]
    #[should_panic(expected = "the array has no such element")]
    fn an_element_past_the_end_fails_the_build() {
        let memory = Memory::new(32);
        io_project!(registers(&memory), .inner[core::hint::black_box(2)]);
    }

    #[test]
    #[should_panic(expected = "misaligned")]
    fn a_misaligned_field_fails_the_build() {
        let memory = Memory::new(8);
        let packed: Mmio<'_, Packed> = memory.mmio::<8>().try_cast().unwrap();
        assert_eq!(io_read!(packed, .tag), 0);
        io_project!(packed, .value);
    }

    #[test]
    fn references_to_views_have_parts() {
        struct Owner<'a>(Mmio<'a, Outer>);

        impl<'a> IoBase<'a> for &'a Owner<'_> {
            type Backend = MmioBackend;
            type Target = Outer;

            fn as_view(self) -> Mmio<'a, Outer> {
                self.0
            }
        }

        let memory = Memory::new(32);
        let owner = Owner(registers(&memory));
        io_write!(&owner, .inner[0].a, 0x1234);
        assert_eq!(io_read!(&owner, .inner[0].a), 0x1234);
        // The macro takes the reference itself, if need be.
        io_write!(owner, .inner[0].a, 0x4321);
        assert_eq!(io_read!(owner, .inner[0].a), 0x4321);
    }

    #[test]
    fn steps_say_when_they_are_checked() {
        let memory = Memory::new(32);
        let outer = registers(&memory);
        let index = core::hint::black_box(1);
        io_write!(outer, .inner[panic: index].b[build: 2], 7);
        let read =
            |i: usize, j: usize| -> Result<u16> { Ok(io_read!(outer, .inner[try: i].b[try: j])) };
        assert_eq!(
            (read(1, 2), read(1, 3), read(2, 0)),
            (Ok(7), Err(ERANGE), Err(ERANGE))
        );
        let write = |j: usize| -> Result {
            io_write!(outer, .inner[build: 1].b[try: j], 9);
            Ok(())
        };
        assert_eq!((write(0), write(3)), (Ok(()), Err(ERANGE)));
        assert_eq!(io_read!(outer, .inner[1].b[0]), 9);
        let lengths = || -> Result<[usize; 3]> {
            Ok([
                io_project!(outer, .inner[try: 1].b[try: 1..]).len(),
                io_project!(outer, .inner[build: 1].b[try: ..2]).len(),
                io_project!(outer, .inner[build: 1].b[try: ..]).len(),
            ])
        };
        assert_eq!(lengths(), Ok([2, 2, 3]));
        let beyond = || -> Result<usize> { Ok(io_project!(outer, .inner[1].b[try: 2..4]).len()) };
        assert_eq!(beyond(), Err(ERANGE));
        assert_eq!(io_project!(outer, .inner[0].b[build: 1..3]).len(), 2);
    }

    #[test]
    #[should_panic(expected = "the array has no such elements")]
    fn a_panicking_step_panics() {
        let memory = Memory::new(32);
        io_project!(registers(&memory), .inner[panic: core::hint::black_box(2)]);
    }
}
