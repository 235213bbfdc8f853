// SPDX-License-Identifier: GPL-2.0

//! [`Region`]: a run of bytes with a minimum size that is known while compiling.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::error::{Result, code::EINVAL};
use crate::ptr::KnownSize;

/// A run of I/O memory of which at least `SIZE` bytes exist. The number of all bytes is known at
/// run time.
///
/// Only pointers to a region and views of it are of use. A region starts at a multiple of 8 bytes,
/// as every BAR and every `ioremap()` of a page-aligned resource does. So an access of up to 8
/// bytes is aligned exactly if its offset is. The size may be any number of bytes.
///
/// `Region` without a `SIZE` promises no bytes, so it has only accesses that are checked at run
/// time.
#[repr(transparent)]
#[derive(FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Region<const SIZE: usize = 0> {
    bytes: [u8],
}

// SAFETY: `KnownSize` requires (1) an extent that depends on the pointer alone, (2) an alignment
// that is a power of two, (3) that a pointer which covers `MIN_SIZE` aligned bytes be one to this
// type. (1) The extent is the pointer's metadata. (2) 8 is a power of two. (3) The type's
// documentation calls such a run of bytes a region.
unsafe impl<const SIZE: usize> KnownSize for Region<SIZE> {
    const MIN_SIZE: usize = SIZE;
    const ALIGN: usize = 8;

    #[inline(always)]
    fn size(ptr: *const Self) -> usize {
        (ptr as *const [u8]).len()
    }
}

impl<const SIZE: usize> Region<SIZE> {
    /// A pointer to the region of `size` bytes at `base`.
    ///
    /// This function checks and promises nothing. The code that turns the pointer into a view has
    /// to prove that there is such a region.
    #[inline(always)]
    pub fn ptr_from_raw_parts_mut(base: *mut u8, size: usize) -> *mut Self {
        core::ptr::slice_from_raw_parts_mut(base, size) as *mut Self
    }

    /// A pointer to the region of `size` bytes at `base`, if such a region can exist.
    ///
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// `EINVAL`, for three reasons:
    ///
    /// - `size` is less than `SIZE`, or more than `isize::MAX`.
    /// - `base` is null, or not a multiple of 8.
    /// - The region would reach past the end of the address space.
    #[inline]
    pub fn ptr_try_from_raw_parts_mut(base: *mut u8, size: usize) -> Result<*mut Self> {
        let aligned = base.addr().is_multiple_of(Self::ALIGN);
        let in_address_space = base.addr().checked_add(size).is_some();
        let sized = size >= SIZE && isize::try_from(size).is_ok();
        if base.is_null() || !aligned || !in_address_space || !sized {
            return Err(EINVAL);
        }
        Ok(Self::ptr_from_raw_parts_mut(base, size))
    }
}

#[macros::kunit_tests(lifebound_io_region)]
mod tests {
    use super::*;

    fn ptr(address: usize) -> *mut u8 {
        core::ptr::without_provenance_mut(address)
    }

    #[test]
    fn any_size_from_the_minimum_on_is_possible() {
        for size in [13, 14, 15, 16, 4095, isize::MAX as usize] {
            let region = Region::<13>::ptr_try_from_raw_parts_mut(ptr(0x1000), size).unwrap();
            assert_eq!(Region::size(region), size);
            assert_eq!(region.cast::<u8>().addr(), 0x1000);
        }
        assert!(Region::<0>::ptr_try_from_raw_parts_mut(ptr(8), 0).is_ok());
        assert_eq!((Region::<13>::MIN_SIZE, Region::<13>::ALIGN), (13, 8));
    }

    #[test]
    fn what_cannot_be_a_region_is_refused() {
        for (address, size) in [
            (0x1000, 12),
            (0x1000, 0),
            (0, 64),
            (0x1004, 64),
            (0x1001, 64),
            (0x1000, isize::MAX as usize + 1),
            (usize::MAX - 7, 64),
            (8, usize::MAX),
        ] {
            let region = Region::<13>::ptr_try_from_raw_parts_mut(ptr(address), size);
            assert_eq!(region, Err(EINVAL), "{size} bytes at {address:#x}");
        }
    }
}
