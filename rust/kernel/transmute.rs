// SPDX-License-Identifier: GPL-2.0

//! Values as bytes, and bytes as values.
//!
//! [`FromBytes`] and [`AsBytes`] have the names of Linux 7.3. Every type that has zerocopy's traits
//! has them: derive `FromBytes`, `IntoBytes` and `Immutable` of zerocopy, which needs no `unsafe`.
//! Drivers that come from Linux may implement the traits here by hand.

use core::{mem::MaybeUninit, slice};

/// A type of which every sequence of bytes of its size is a value.
///
/// Context: any; does not sleep.
///
/// # Examples
///
/// ```
/// use kernel::transmute::FromBytes;
///
/// let bytes = [0x34, 0x12, 0xff];
/// assert_eq!(<u16 as FromBytes>::from_bytes_copy_prefix(&bytes), Some((0x1234, &[0xff][..])));
/// assert_eq!(<u16 as FromBytes>::from_bytes_copy(&bytes), None);
/// ```
///
/// # Safety
///
/// Every sequence of as many bytes as a value has (`size_of_val`) must be a valid value, and the
/// type must have no interior mutability.
pub unsafe trait FromBytes {
    /// Returns the bytes as a value; `None` if their number or alignment is not the type's.
    fn from_bytes(bytes: &[u8]) -> Option<&Self>
    where
        Self: Sized,
    {
        match Self::from_bytes_prefix(bytes) {
            Some((value, [])) => Some(value),
            _ => None,
        }
    }

    /// Returns the first bytes as a value, and the rest; `None` if there are too few or they are
    /// not aligned.
    fn from_bytes_prefix(bytes: &[u8]) -> Option<(&Self, &[u8])>
    where
        Self: Sized,
    {
        let (head, rest) = bytes.split_at_checked(size_of::<Self>())?;
        let value = head.as_ptr().cast::<Self>();
        if !value.is_aligned() {
            return None;
        }
        // SAFETY: dereferencing requires aligned, initialised memory that holds a valid value and
        // does not change for the lifetime. Size and alignment were checked above, the memory is
        // borrowed shared from `bytes`, and any bytes are valid by this trait.
        Some((unsafe { &*value }, rest))
    }

    /// Returns the bytes as a value that can be changed; `None` if their number or alignment is not
    /// the type's.
    fn from_bytes_mut(bytes: &mut [u8]) -> Option<&mut Self>
    where
        Self: AsBytes + Sized,
    {
        match Self::from_bytes_mut_prefix(bytes) {
            Some((value, [])) => Some(value),
            _ => None,
        }
    }

    /// Returns the first bytes as a value that can be changed, and the rest; `None` if there are
    /// too few or they are not aligned.
    fn from_bytes_mut_prefix(bytes: &mut [u8]) -> Option<(&mut Self, &mut [u8])>
    where
        Self: AsBytes + Sized,
    {
        let (head, rest) = bytes.split_at_mut_checked(size_of::<Self>())?;
        let value = head.as_mut_ptr().cast::<Self>();
        if !value.is_aligned() {
            return None;
        }
        // SAFETY: dereferencing requires aligned, initialised memory that holds a valid value and
        // that nobody else uses for the lifetime. Size and alignment were checked above, the memory
        // is borrowed exclusively from `bytes`, and any bytes are valid by this trait. A value that
        // is written to it leaves initialised bytes by `AsBytes`.
        Some((unsafe { &mut *value }, rest))
    }

    /// Returns a copy of the bytes as a value, however they are aligned; `None` if their number is
    /// not the type's size.
    fn from_bytes_copy(bytes: &[u8]) -> Option<Self>
    where
        Self: Sized,
    {
        match Self::from_bytes_copy_prefix(bytes) {
            Some((value, [])) => Some(value),
            _ => None,
        }
    }

    /// Returns a copy of the first bytes as a value, however they are aligned, and the rest; `None`
    /// if there are too few.
    fn from_bytes_copy_prefix(bytes: &[u8]) -> Option<(Self, &[u8])>
    where
        Self: Sized,
    {
        let (head, rest) = bytes.split_at_checked(size_of::<Self>())?;
        // SAFETY: `read_unaligned` requires readable memory with a valid value; `head` has the
        // size, and any bytes are valid by this trait.
        Some((
            unsafe { head.as_ptr().cast::<Self>().read_unaligned() },
            rest,
        ))
    }
}

/// A type all of whose bytes are initialised: it has no padding.
///
/// Context: any; does not sleep.
///
/// # Safety
///
/// Each byte of each value must be initialised, and the type must have no interior mutability.
pub unsafe trait AsBytes {
    /// Returns the value's bytes.
    fn as_bytes(&self) -> &[u8] {
        // SAFETY: `from_raw_parts` requires that many initialised bytes that do not change for the
        // lifetime; this trait promises that of the value, which is borrowed.
        unsafe { slice::from_raw_parts((&raw const *self).cast(), size_of_val(self)) }
    }

    /// Returns the value's bytes, to be changed.
    fn as_bytes_mut(&mut self) -> &mut [u8]
    where
        Self: FromBytes,
    {
        let size = size_of_val(self);
        // SAFETY: `from_raw_parts_mut` requires that many initialised bytes that nobody else uses
        // for the lifetime. This trait promises the first, and the value is borrowed exclusively.
        // Any bytes may be written, by `FromBytes`.
        unsafe { slice::from_raw_parts_mut((&raw mut *self).cast(), size) }
    }
}

// SAFETY: the trait requires that every sequence of bytes is a value, and that there is no interior
// mutability; zerocopy's traits say the same.
unsafe impl<T: zerocopy::FromBytes + zerocopy::Immutable> FromBytes for T {}

// SAFETY: `FromBytes` requires that bytes as many as a slice has are a slice, and that it has no
// interior mutability. A slice consists of its elements with nothing between them, since the size
// of an element is a multiple of its alignment. Each element is a value, and has no interior
// mutability, by `T: FromBytes`.
unsafe impl<T: FromBytes> FromBytes for [T] {}

// SAFETY: zerocopy's traits say the same: no byte is padding, and there is no interior mutability.
unsafe impl<T: zerocopy::IntoBytes + zerocopy::Immutable> AsBytes for T {}

// SAFETY: `AsBytes` requires that each byte of a slice is initialised, and that it has no interior
// mutability. A slice consists of its elements with nothing between them, since the size of an
// element is a multiple of its alignment. The bytes of each element are initialised, and it has no
// interior mutability, by `T: AsBytes`.
unsafe impl<T: AsBytes> AsBytes for [T] {}

// SAFETY: `AsBytes` requires that each byte of a string is initialised, and that it has no interior
// mutability; a string is a slice of bytes that hold UTF-8. (It is not `FromBytes`: not all bytes
// are UTF-8.)
unsafe impl AsBytes for str {}

/// Returns the memory of a value, for code that fills it.
pub(crate) fn uninit_bytes<T: FromBytes>(value: &mut MaybeUninit<T>) -> &mut [MaybeUninit<u8>] {
    // SAFETY: `from_raw_parts_mut` requires memory that nobody else uses for the lifetime; it is
    // the value's own. Any content is a `MaybeUninit`.
    unsafe { slice::from_raw_parts_mut(value.as_mut_ptr().cast(), size_of::<T>()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[repr(align(4))]
    struct Aligned([u8; 9]);

    #[test]
    fn sizes_and_alignment_count() {
        let mut bytes = Aligned([1, 0, 0, 0, 2, 0, 0, 0, 3]);
        assert_eq!(<u32 as FromBytes>::from_bytes(&bytes.0[..4]), Some(&1));
        assert_eq!(<u32 as FromBytes>::from_bytes(&bytes.0[..5]), None);
        assert_eq!(<u32 as FromBytes>::from_bytes(&bytes.0[1..5]), None);
        assert_eq!(<u32 as FromBytes>::from_bytes(&bytes.0[..3]), None);
        let (value, rest) = <u32 as FromBytes>::from_bytes_prefix(&bytes.0[4..]).unwrap();
        assert_eq!((*value, rest), (2, &[3][..]));
        assert_eq!(
            <u32 as FromBytes>::from_bytes_copy(&bytes.0[1..5]),
            Some(0x0200_0000)
        );
        *<u32 as FromBytes>::from_bytes_mut(&mut bytes.0[4..8]).unwrap() = 7;
        assert!(<u32 as FromBytes>::from_bytes_mut(&mut bytes.0[5..9]).is_none());
        assert_eq!(bytes.0[4..], [7, 0, 0, 0, 3]);
    }

    #[test]
    fn values_are_bytes() {
        let mut value = [0x1122_u16, 0x3344];
        assert_eq!(AsBytes::as_bytes(&value), [0x22, 0x11, 0x44, 0x33]);
        AsBytes::as_bytes_mut(&mut value)[0] = 0;
        assert_eq!(value, [0x1100, 0x3344]);
        assert_eq!(AsBytes::as_bytes(&value[..1]), [0, 0x11]);
        assert_eq!(AsBytes::as_bytes("ab"), b"ab");
    }

    #[test]
    fn slices_are_bytes_if_their_elements_are() {
        /// A type as a driver from Linux's own crate has it: without zerocopy.
        #[repr(C)]
        #[derive(Debug, PartialEq, Clone, Copy)]
        struct Pair(u8, i8);
        // SAFETY: `FromBytes` requires that any bytes are a value, and no interior mutability; any
        // two bytes are a `Pair`, and it has no cell.
        unsafe impl FromBytes for Pair {}
        // SAFETY: `AsBytes` requires initialised bytes, and no interior mutability; a `Pair` has
        // two bytes without padding, and no cell.
        unsafe impl AsBytes for Pair {}

        let mut pairs = [Pair(1, 2), Pair(3, -1)];
        AsBytes::as_bytes_mut(&mut pairs[..])[2] = 7;
        assert_eq!(pairs[1], Pair(7, -1));
        assert_eq!(AsBytes::as_bytes(&pairs[..]), [1, 2, 7, 0xff]);
        assert!(AsBytes::as_bytes_mut(&mut pairs[..0]).is_empty());

        let mut words = [0x1122_u16, 0x3344];
        AsBytes::as_bytes_mut(&mut words[1..]).fill(0xff);
        assert_eq!(words, [0x1122, 0xffff]);
    }
}
