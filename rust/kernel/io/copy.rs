// SPDX-License-Identifier: GPL-2.0

//! Copies between ordinary memory and I/O memory, by volatile accesses.

use core::arch::asm;

/// Calls `byte` for single bytes and `words` for runs of words, which together cover `len` bytes at
/// `addr`, in ascending order: `byte` with an offset, `words` with an offset and a number of words.
/// Words are used where `addr` plus the offset is a multiple of `word_len`, single bytes before and
/// after them. `word_len` is not 0.
#[inline(always)]
fn for_each_access(
    addr: usize,
    len: usize,
    word_len: usize,
    mut byte: impl FnMut(usize),
    words: impl FnOnce(usize, usize),
) {
    // OVERFLOW: no offset is larger than `len`.
    let mut offset = 0;
    while offset != len && !addr.wrapping_add(offset).is_multiple_of(word_len) {
        byte(offset);
        offset += 1;
    }
    let count = (len - offset) / word_len;
    words(offset, count);
    offset += count * word_len;
    while offset != len {
        byte(offset);
        offset += 1;
    }
}

/// Reads a `W` at `offset` from I/O memory and puts it at `offset` in ordinary memory.
///
/// # Safety
///
/// `src + offset` is aligned for `W` and valid for volatile reads of one; `dst + offset` is valid
/// for writes of one. `W` is an integer.
#[inline(always)]
unsafe fn fetch<W: Copy>(src: *const u8, dst: *mut u8, offset: usize) {
    let (src, dst) = (src.wrapping_add(offset), dst.wrapping_add(offset));
    // SAFETY: `read_volatile` requires an aligned and readable pointer; the caller vouches for it.
    let value = unsafe { src.cast::<W>().read_volatile() };
    // SAFETY: `write_unaligned` requires a writable pointer; the caller vouches for it.
    unsafe { dst.cast::<W>().write_unaligned(value) };
}

/// Reads a `W` at `offset` from ordinary memory and puts it at `offset` in I/O memory.
///
/// # Safety
///
/// `dst + offset` is aligned for `W` and valid for volatile writes of one; `src + offset` is valid
/// for reads of one. `W` is an integer.
#[inline(always)]
unsafe fn store<W: Copy>(src: *const u8, dst: *mut u8, offset: usize) {
    let (src, dst) = (src.wrapping_add(offset), dst.wrapping_add(offset));
    // SAFETY: `read_unaligned` requires a readable pointer; the caller vouches for it.
    let value = unsafe { src.cast::<W>().read_unaligned() };
    // SAFETY: `write_volatile` requires an aligned and writable pointer; the caller vouches for it.
    unsafe { dst.cast::<W>().write_volatile(value) };
}

/// Copies `count` words of 4 bytes as `memcpy_fromio()` and `memcpy_toio()` do.
///
/// # Safety
///
/// `src` is valid for reads of as many bytes, `dst` for writes. That one which is I/O memory is
/// aligned to 4.
#[inline(always)]
unsafe fn move_u32s(src: *const u8, dst: *mut u8, count: usize) {
    // SAFETY: `rep movsd` requires readable and writable memory, and the direction flag clear; the
    // caller vouches for the first, and Rust code always has the flag clear.
    unsafe {
        asm!(
            "rep movsd",
            inout("rsi") src => _,
            inout("rdi") dst => _,
            inout("rcx") count => _,
            options(nostack, preserves_flags),
        )
    }
}

/// Copies all of `src`, which is I/O memory, to `dst`, in words of type `W` and single bytes.
///
/// # Safety
///
/// `src` is valid for volatile reads, `dst` for writes of as many bytes. `W` is an integer.
#[inline]
pub(super) unsafe fn copy_from_volatile<W: Copy>(src: *const [u8], dst: *mut u8) {
    let (len, src) = (src.len(), src.cast::<u8>());
    for_each_access(
        src.addr(),
        len,
        size_of::<W>(),
        // SAFETY: `fetch` requires bytes within source and destination. Each access of
        // `for_each_access` lies within `len` bytes, and the caller vouches that both sides have as
        // many.
        |offset| unsafe { fetch::<u8>(src, dst, offset) },
        |offset, count| {
            if size_of::<W>() == 4 {
                let (src, dst) = (src.wrapping_add(offset), dst.wrapping_add(offset));
                // SAFETY: the same holds for `count` words, of which the source's are aligned.
                return unsafe { move_u32s(src, dst, count) };
            }
            for word in 0..count {
                // SAFETY: the same holds; and the source is aligned to the size of a `W`, which is
                // an integer.
                unsafe { fetch::<W>(src, dst, offset + word * size_of::<W>()) };
            }
        },
    );
}

/// Copies to all of `dst`, which is I/O memory, from `src`, in words of type `W` and single bytes.
///
/// # Safety
///
/// `dst` is valid for volatile writes, `src` for reads of as many initialised bytes. `W` is an
/// integer.
#[inline]
pub(super) unsafe fn copy_to_volatile<W: Copy>(src: *const u8, dst: *mut [u8]) {
    let (len, dst) = (dst.len(), dst.cast::<u8>());
    for_each_access(
        dst.addr(),
        len,
        size_of::<W>(),
        // SAFETY: `store` requires bytes within source and destination. Each access of
        // `for_each_access` lies within `len` bytes, and the caller vouches that both sides have as
        // many.
        |offset| unsafe { store::<u8>(src, dst, offset) },
        |offset, count| {
            if size_of::<W>() == 4 {
                let (src, dst) = (src.wrapping_add(offset), dst.wrapping_add(offset));
                // SAFETY: the same holds for `count` words, of which the destination's are aligned.
                return unsafe { move_u32s(src, dst, count) };
            }
            for word in 0..count {
                // SAFETY: the same holds; and the destination is aligned to the size of a `W`,
                // which is an integer.
                unsafe { store::<W>(src, dst, offset + word * size_of::<W>()) };
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::vec::Vec;

    use super::*;

    /// The accesses as (offset, length) pairs.
    fn accesses(addr: usize, len: usize, word_len: usize) -> Vec<(usize, usize)> {
        let made = RefCell::new(Vec::new());
        for_each_access(
            addr,
            len,
            word_len,
            |offset| made.borrow_mut().push((offset, 1)),
            |offset, count| {
                let offsets = (0..count).map(|word| offset + word * word_len);
                made.borrow_mut()
                    .extend(offsets.map(|offset| (offset, word_len)));
            },
        );
        made.into_inner()
    }

    #[test]
    fn accesses_cover_every_byte_once_and_are_aligned() {
        for word_len in [1, 4, 8] {
            for addr in 0x1000..0x1010 {
                for len in 0..40 {
                    let mut next = 0;
                    for (offset, size) in accesses(addr, len, word_len) {
                        assert_eq!(offset, next);
                        assert!((addr + offset).is_multiple_of(size));
                        next += size;
                    }
                    assert_eq!(next, len);
                }
            }
        }
    }

    #[test]
    fn words_are_used_where_they_fit() {
        assert_eq!(accesses(0x1000, 8, 4), [(0, 4), (4, 4)]);
        assert_eq!(accesses(0x1003, 6, 4), [(0, 1), (1, 4), (5, 1)]);
        assert_eq!(accesses(0x1001, 2, 4), [(0, 1), (1, 1)]);
        assert_eq!(accesses(0x1000, 0, 8), []);
        assert_eq!(accesses(usize::MAX, 1, 8), [(0, 1)]);
    }

    #[test]
    fn copies_every_alignment_and_length() {
        let pattern: Vec<u8> = (1..=64).collect();
        for start in 0..8 {
            for len in 0..24 {
                let mut there = [0_u8; 40];
                let target: *mut [u8] = &mut there[start..start + len];
                // SAFETY: the copy requires `len` bytes on both sides; both are locals of at least
                // that size.
                unsafe { copy_to_volatile::<u64>(pattern.as_ptr().wrapping_add(1), target) };
                let mut expected = [0_u8; 40];
                expected[start..start + len].copy_from_slice(&pattern[1..1 + len]);
                assert_eq!(there, expected);

                let mut back = [0_u8; 40];
                let source: *const [u8] = &there[start..start + len];
                // SAFETY: the copy requires `len` bytes on both sides; both are locals of at least
                // that size.
                unsafe { copy_from_volatile::<u32>(source, back.as_mut_ptr().wrapping_add(1)) };
                assert_eq!(back[1..1 + len], pattern[1..1 + len]);
                assert_eq!((back[0], back[1 + len]), (0, 0));
            }
        }
    }
}
