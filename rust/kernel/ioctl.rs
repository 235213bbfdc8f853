// SPDX-License-Identifier: GPL-2.0

//! Numbers of ioctl commands.
//!
//! C header: [`include/uapi/asm-generic/ioctl.h`](srctree/include/uapi/asm-generic/ioctl.h)
//!
//! A command has four parts: the driver's type (`ty`), the number of the command (`nr`), and the
//! direction and the size of the argument. The direction is the one that user space sees.

#![expect(non_snake_case, reason = "named as in C")]

use crate::build_assert;

const NR_BITS: u32 = 8;
const TYPE_BITS: u32 = 8;
const SIZE_BITS: u32 = 14;
const DIR_BITS: u32 = 2;

const TYPE_SHIFT: u32 = NR_BITS;
const SIZE_SHIFT: u32 = TYPE_SHIFT + TYPE_BITS;
const DIR_SHIFT: u32 = SIZE_SHIFT + SIZE_BITS;

const NONE: u32 = 0;
const WRITE: u32 = 1;
const READ: u32 = 2;

/// The number with all four parts. Fails the build if a part does not fit.
#[inline(always)]
const fn number(dir: u32, ty: u32, nr: u32, size: usize) -> u32 {
    build_assert!(dir < 1 << DIR_BITS);
    build_assert!(ty < 1 << TYPE_BITS);
    build_assert!(nr < 1 << NR_BITS);
    build_assert!(size < 1 << SIZE_BITS);
    // CAST: the size has 14 bits, as checked above.
    (dir << DIR_SHIFT) | ((size as u32) << SIZE_SHIFT) | (ty << TYPE_SHIFT) | nr
}

/// The bits of `nr` from `shift` on.
const fn part(nr: u32, shift: u32, bits: u32) -> u32 {
    (nr >> shift) & ((1 << bits) - 1)
}

/// A command without an argument. `ty` and `nr` are below 256; any other value fails the build.
#[inline(always)]
pub const fn _IO(ty: u32, nr: u32) -> u32 {
    number(NONE, ty, nr, 0)
}

/// A command from which user space reads a `T`. A `T` has less than 16 KiB.
#[inline(always)]
pub const fn _IOR<T>(ty: u32, nr: u32) -> u32 {
    number(READ, ty, nr, size_of::<T>())
}

/// A command to which user space writes a `T`. A `T` has less than 16 KiB.
#[inline(always)]
pub const fn _IOW<T>(ty: u32, nr: u32) -> u32 {
    number(WRITE, ty, nr, size_of::<T>())
}

/// A command to which user space writes a `T`, and from which it then reads a `T`. A `T` has less
/// than 16 KiB.
#[inline(always)]
pub const fn _IOWR<T>(ty: u32, nr: u32) -> u32 {
    number(READ | WRITE, ty, nr, size_of::<T>())
}

/// The direction in a command. 0: there is no argument. 1: user space writes it. 2: user space
/// reads it. 3: both.
pub const fn _IOC_DIR(nr: u32) -> u32 {
    part(nr, DIR_SHIFT, DIR_BITS)
}

/// The `ty` in a command.
pub const fn _IOC_TYPE(nr: u32) -> u32 {
    part(nr, TYPE_SHIFT, TYPE_BITS)
}

/// The `nr` in a command.
pub const fn _IOC_NR(nr: u32) -> u32 {
    part(nr, 0, NR_BITS)
}

/// The size of the argument in a command, in bytes.
pub const fn _IOC_SIZE(nr: u32) -> usize {
    // CAST: the part has 14 bits.
    part(nr, SIZE_SHIFT, SIZE_BITS) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_well_known_commands() {
        // RTC_AIE_ON, BLKGETSIZE64, RTC_IRQP_SET and EVIOCGVERSION of <linux/*.h> on x86-64.
        const { assert!(_IO(b'p' as u32, 1) == 0x7001) };
        const { assert!(_IOR::<usize>(0x12, 114) == 0x8008_1272) };
        const { assert!(_IOW::<usize>(b'p' as u32, 12) == 0x4008_700c) };
        const { assert!(_IOR::<i32>(b'E' as u32, 1) == 0x8004_4501) };
        const { assert!(_IOWR::<[u8; 16383]>(255, 255) == 0xffff_ffff) };
    }

    #[test]
    fn parts() {
        let command = _IOWR::<[u8; 300]>(7, 9);
        assert_eq!(_IOC_DIR(command), 3);
        assert_eq!(_IOC_TYPE(command), 7);
        assert_eq!(_IOC_NR(command), 9);
        assert_eq!(_IOC_SIZE(command), 300);
    }
}
