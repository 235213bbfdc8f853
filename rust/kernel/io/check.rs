// SPDX-License-Identifier: GPL-2.0

//! The checks between a location and an access, and the step from a view to a view of a part.
//!
//! Every location that a driver can write by hand passes through this file as a number: an
//! [`IoLoc`], a register's constants, an offset near `usize::MAX`. The number is compared with the
//! view.

use super::{IoBackend, IoBase, IoLoc};
use crate::build_assert;
use crate::error::{Result, code::EINVAL};
use crate::ptr::KnownSize;

/// A view of a `U` with the backend and the lifetime of `S`.
type ViewOf<'a, S, U> = <<S as IoBase<'a>>::Backend as IoBackend>::View<'a, U>;

/// Whether an access of `len` bytes, aligned to `align`, fits at `offset` in a region of `size`
/// bytes that is itself aligned to `region_align`.
#[inline(always)]
const fn fits(
    offset: usize,
    (len, align): (usize, usize),
    size: usize,
    region_align: usize,
) -> bool {
    size >= len && fits_behind(offset, (len, align), size, region_align)
}

/// The same for a region that has at least `len` bytes.
#[inline(always)]
const fn fits_behind(
    offset: usize,
    (len, align): (usize, usize),
    size: usize,
    region_align: usize,
) -> bool {
    // OVERFLOW: `size` is no less than `len`.
    offset <= size - len && region_align >= align && offset.is_multiple_of(align)
}

/// Whether a `U` fits at `offset` in a `T` that covers `size` bytes.
#[inline(always)]
const fn fits_in<T: ?Sized + KnownSize, U>(offset: usize, size: usize) -> bool {
    let access = (size_of::<U>(), align_of::<U>());
    // Every `T` covers `MIN_SIZE` bytes, so there is one comparison less in most cases.
    if T::MIN_SIZE >= size_of::<U>() {
        fits_behind(offset, access, size, T::ALIGN)
    } else {
        fits(offset, access, size, T::ALIGN)
    }
}

/// Does not compile if an `L` has a constant offset that is misaligned, or that not every `Base`
/// has.
pub(super) const fn check_constant<Base: ?Sized + KnownSize, T, L: IoLoc<Base, T>>() {
    if let Some(offset) = L::CONST_OFFSET {
        assert!(
            fits_in::<Base, L::IoType>(offset, Base::MIN_SIZE),
            "register outside of the region's compile-time size, or misaligned"
        );
    }
}

/// The view of the `U` at `offset` from `base`, which is the pointer of `view`.
///
/// # Safety
///
/// `base` is the pointer that `IoBackend::as_ptr` returned for `view`. `fits_in::<S::Target, U>`
/// holds for `offset` and a size that `base` covers.
#[inline(always)]
pub(super) unsafe fn part<'a, S: IoBase<'a>, U>(
    view: ViewOf<'a, S, S::Target>,
    base: *mut S::Target,
    offset: usize,
) -> ViewOf<'a, S, U> {
    let ptr = base.cast::<u8>().wrapping_add(offset).cast::<U>();
    // SAFETY: `project_view` requires (1) a pointer to bytes within the view, (2) that is aligned.
    // The caller vouches for `fits_in`. (1) So offset and length stay within the bytes that `base`
    // covers. (2) So the offset is a multiple of the alignment. `base` is, too, because
    // `S::Target::ALIGN` is no less.
    unsafe { S::Backend::project_view(view, ptr) }
}

/// The view of the `U` at `offset`. Fails the build unless every `S::Target` is known to have one
/// there.
#[inline(always)]
pub(super) fn built_in_part<'a, S: IoBase<'a>, U>(io: S, offset: usize) -> ViewOf<'a, S, U> {
    build_assert!(
        fits_in::<S::Target, U>(offset, S::Target::MIN_SIZE),
        "access outside of the region's compile-time size, or misaligned"
    );
    let view = io.as_view();
    // SAFETY: `part` requires the pointer of the view, and `fits_in` for a size that it covers. The
    // assertion checks `fits_in` for `MIN_SIZE`, which every view covers by the invariant of
    // `IoBackend::View`.
    unsafe { part::<S, U>(view, S::Backend::as_ptr(view), offset) }
}

/// The view of the `U` at `offset`, if there is one.
#[inline(always)]
pub(super) fn try_part<'a, S: IoBase<'a>, U>(io: S, offset: usize) -> Result<ViewOf<'a, S, U>> {
    let view = io.as_view();
    let base = S::Backend::as_ptr(view);
    if !fits_in::<S::Target, U>(offset, S::Target::size(base)) {
        return Err(EINVAL);
    }
    // SAFETY: `part` requires the pointer of the view, and `fits_in` for a size that it covers.
    // `fits_in` was checked above for the size of the view.
    Ok(unsafe { part::<S, U>(view, base, offset) })
}

#[macros::kunit_tests(lifebound_io_check)]
mod tests {
    use super::*;
    use crate::io::Region;

    #[test]
    fn an_access_fits_up_to_the_last_byte() {
        for (offset, expected) in [
            (0, true),
            (0xfc, true),
            (0xfd, false),
            (0xfe, false),
            (0x100, false),
            (0x104, false),
            (usize::MAX, false),
            (usize::MAX - 3, false),
            (usize::MAX - 4, false),
            (usize::MAX / 4 + 1, false),
        ] {
            assert_eq!(fits(offset, (4, 4), 0x100, 8), expected, "{offset:#x}");
        }
    }

    #[test]
    fn an_access_is_aligned_to_its_size() {
        for len in [1, 2, 4, 8] {
            for offset in 0..16 {
                let expected = offset % len == 0;
                assert_eq!(
                    fits(offset, (len, len), 0x100, 8),
                    expected,
                    "{len} at {offset}"
                );
            }
        }
        assert!(
            !fits(0, (8, 8), 0x100, 4),
            "the region is aligned to 4 only"
        );
        assert!(fits(0, (4, 4), 0x100, 4));
    }

    #[test]
    fn small_and_odd_sizes_are_no_exception() {
        assert!(fits(12, (1, 1), 13, 8) && !fits(13, (1, 1), 13, 8));
        assert!(fits(10, (2, 2), 13, 8) && !fits(12, (2, 2), 13, 8));
        assert!(!fits(0, (1, 1), 0, 8));
        assert!(fits(0, (0, 1), 0, 8) && fits(13, (0, 1), 13, 8) && !fits(14, (0, 1), 13, 8));
    }

    #[test]
    fn every_width_fits_a_region() {
        assert!(fits_in::<Region<16>, u64>(8, 16) && !fits_in::<Region<16>, u64>(16, 16));
        assert!(fits_in::<Region<16>, u8>(15, 16) && !fits_in::<Region<16>, u16>(15, 16));
    }
}
