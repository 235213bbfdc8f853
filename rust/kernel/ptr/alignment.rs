// SPDX-License-Identifier: GPL-2.0

//! [`Alignment`], and numbers that are rounded to a multiple of one.

use core::num::NonZero;

/// A power of two, in bytes.
///
/// # Examples
///
/// ```
/// use kernel::ptr::{Alignable, Alignment};
///
/// const LINE: Alignment = Alignment::new::<64>();
///
/// assert_eq!(100_u32.align_up(LINE), Some(128));
/// assert_eq!(100_u32.align_down(LINE), 64);
/// assert_eq!(u32::MAX.align_up(LINE), None);
/// assert_eq!(Alignment::new_checked(48), None);
/// ```
///
/// # Invariants
///
/// The number is a power of two.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(transparent)]
pub struct Alignment(NonZero<usize>);

impl Alignment {
    /// The alignment `ALIGN`. Does not compile unless that is a power of two.
    ///
    /// Context: any context.
    #[inline(always)]
    pub const fn new<const ALIGN: usize>() -> Self {
        const {
            match Self::new_checked(ALIGN) {
                Some(alignment) => alignment,
                None => panic!("an alignment is a power of two"),
            }
        }
    }

    /// The alignment `align`; `None` unless that is a power of two.
    ///
    /// Context: any context.
    #[inline(always)]
    pub const fn new_checked(align: usize) -> Option<Self> {
        match NonZero::new(align) {
            // INVARIANT: the condition says that the number is a power of two.
            Some(number) if align.is_power_of_two() => Some(Self(number)),
            _ => None,
        }
    }

    /// The alignment of `T`.
    ///
    /// Context: any context.
    #[inline(always)]
    pub const fn of<T>() -> Self {
        const {
            match Self::new_checked(align_of::<T>()) {
                Some(alignment) => alignment,
                // PANIC: never, while building: the language makes each alignment a power of two.
                None => panic!("the alignment of a type is a power of two"),
            }
        }
    }

    /// The number of bytes.
    ///
    /// Context: any context.
    #[inline(always)]
    pub const fn as_usize(self) -> usize {
        self.0.get()
    }

    /// The number of bytes, which is never 0.
    ///
    /// Context: any context.
    #[inline(always)]
    pub const fn as_nonzero(self) -> NonZero<usize> {
        self.0
    }

    /// The exponent: 12 for 4096 bytes.
    ///
    /// Context: any context.
    #[inline(always)]
    pub const fn log2(self) -> u32 {
        self.0.ilog2()
    }

    /// The bits that a multiple of the alignment may have: `!(as_usize() - 1)`.
    ///
    /// Context: any context.
    #[inline(always)]
    pub const fn mask(self) -> usize {
        // OVERFLOW: a power of two is at least 1.
        !(self.as_usize() - 1)
    }
}

/// An unsigned integer that can be rounded to a multiple of an [`Alignment`].
///
/// Context: any context.
#[doc(alias("ALIGN", "ALIGN_DOWN"))]
pub trait Alignable: Sized {
    /// The largest multiple of `alignment` that is not above the number.
    fn align_down(self, alignment: Alignment) -> Self;

    /// The smallest multiple of `alignment` that is not below the number; `None` if the type has no
    /// such number.
    fn align_up(self, alignment: Alignment) -> Option<Self>;
}

macro_rules! impl_alignable {
    ($($int:ty)*) => {$(
        impl Alignable for $int {
            #[inline(always)]
            fn align_down(self, alignment: Alignment) -> Self {
                // An alignment that the type cannot have leaves 0, the only multiple of it.
                <$int>::try_from(alignment.as_usize()).map_or(0, |align| {
                    // OVERFLOW: a power of two is at least 1.
                    self & !(align - 1)
                })
            }

            #[inline(always)]
            fn align_up(self, alignment: Alignment) -> Option<Self> {
                let below = self.align_down(alignment);
                if below == self {
                    return Some(self);
                }
                below.checked_add(<$int>::try_from(alignment.as_usize()).ok()?)
            }
        }
    )*};
}

impl_alignable!(u8 u16 u32 u64 usize);

/// The smallest multiple of `align` that is not below `value`; `None` if there is no such number.
/// For constants.
///
/// Context: any context.
#[inline(always)]
pub const fn const_align_up(value: usize, align: Alignment) -> Option<usize> {
    // OVERFLOW: a power of two is at least 1.
    match value.checked_add(align.as_usize() - 1) {
        Some(above) => Some(above & align.mask()),
        None => None,
    }
}

#[macros::kunit_tests(lifebound_alignment)]
mod tests {
    use super::*;

    #[test]
    fn only_powers_of_two_are_alignments() {
        for align in [0, 3, 6, usize::MAX] {
            assert_eq!(Alignment::new_checked(align), None);
        }
        let page = Alignment::new::<4096>();
        assert_eq!(Alignment::new_checked(4096), Some(page));
        assert_eq!(
            (page.as_usize(), page.log2(), page.mask()),
            (4096, 12, !4095)
        );
        assert_eq!(Alignment::of::<u64>().as_nonzero().get(), 8);
    }

    #[test]
    fn numbers_are_rounded_both_ways() {
        let line = Alignment::new::<64>();
        for (number, below, above) in [(0, 0, 0), (1, 0, 64), (64, 64, 64), (65, 64, 128)] {
            assert_eq!(number.align_down(line), below);
            assert_eq!(number.align_up(line), Some(above));
            assert_eq!(const_align_up(number, line), Some(above));
        }
        assert_eq!(usize::MAX.align_up(line), None);
        assert_eq!(const_align_up(usize::MAX, line), None);
    }

    #[test]
    fn an_alignment_may_be_too_large_for_the_type() {
        let page = Alignment::new::<4096>();
        assert_eq!((200_u8.align_down(page), 200_u8.align_up(page)), (0, None));
        assert_eq!(0_u8.align_up(page), Some(0));
    }
}
