// SPDX-License-Identifier: GPL-2.0

//! Tests of every access on ordinary memory, at and past its borders.

use super::*;
use crate::io::testing::Memory;
use crate::io::{IoSysMap, Region};

/// Writes and reads back at every offset, and checks that exactly the fitting offsets are allowed.
macro_rules! try_every_offset {
    ($io:expr, $len:expr, $ty:ident: $try_read:ident $try_write:ident) => {
        let mut allowed = 0;
        for offset in (0..$len + 16).chain(usize::MAX - 16..=usize::MAX) {
            let fits = offset < $len && $len - offset >= size_of::<$ty>();
            let expected = fits && offset % size_of::<$ty>() == 0;
            let value = $ty::MAX / 3;
            assert_eq!(
                $io.$try_write(value, offset).is_ok(),
                expected,
                "write {offset:#x}"
            );
            let read = $io.$try_read(offset);
            assert_eq!(
                read,
                if expected { Ok(value) } else { Err(EINVAL) },
                "{offset:#x}"
            );
            allowed += usize::from(expected);
        }
        assert_eq!(allowed, $len / size_of::<$ty>());
    };
}

/// Tries all widths on one kind of view of `len` bytes.
fn try_everything<'a>(io: impl Io<'a, Target = Region, Backend: AllWidths>, len: usize) {
    assert_eq!(io.size(), len);
    try_every_offset!(io, len, u8: try_read8 try_write8);
    try_every_offset!(io, len, u16: try_read16 try_write16);
    try_every_offset!(io, len, u32: try_read32 try_write32);
    try_every_offset!(io, len, u64: try_read64 try_write64);
}

/// A backend that can access all widths of registers.
trait AllWidths: IoCapable<u8> + IoCapable<u16> + IoCapable<u32> + IoCapable<u64> {}
impl<B: IoCapable<u8> + IoCapable<u16> + IoCapable<u32> + IoCapable<u64>> AllWidths for B {}

#[test]
fn every_backend_allows_exactly_what_fits() {
    for len in [0, 1, 7, 8, 13, 24] {
        let memory = Memory::new(len);
        try_everything(memory.mmio(), len);
        try_everything(memory.mmio().relaxed(), len);
        try_everything(memory.sys_mem(), len);
        try_everything(IoSysMap::from(memory.mmio()), len);
        try_everything(IoSysMap::from(memory.sys_mem()), len);
    }
}

#[test]
fn constant_offsets_reach_the_whole_compile_time_size() {
    let memory = Memory::new(24);
    memory.count_up();
    let io = memory.mmio::<16>();
    assert_eq!((io.read8(0), io.read8(15)), (1, 16));
    assert_eq!((io.read16(2), io.read16(14)), (0x0403, 0x100f));
    assert_eq!((io.read32(4), io.read32(12)), (0x0807_0605, 0x100f_0e0d));
    assert_eq!(io.read64(8), 0x100f_0e0d_0c0b_0a09);
    io.write8(0xaa, 1);
    io.write16(0xbbcc, 2);
    io.write32(0x1122_3344, 4);
    io.write64(0x5566_7788_99aa_bbcc, 8);
    let expected = [
        1, 0xaa, 0xcc, 0xbb, 0x44, 0x33, 0x22, 0x11, 0xcc, 0xbb, 0xaa, 0x99, 0x88, 0x77, 0x66,
        0x55, 17, 18, 19, 20, 21, 22, 23, 24,
    ];
    assert_eq!(memory.bytes(), expected);
}

#[test]
#[should_panic(expected = "outside of the region's compile-time size")]
fn constant_offsets_do_not_reach_past_it() {
    // 24 bytes exist, but 16 are promised.
    Memory::new(24).mmio::<16>().read32(16);
}

#[test]
#[should_panic(expected = "outside of the region's compile-time size")]
fn a_wrapping_offset_is_out_of_range() {
    Memory::new(24).mmio::<16>().write64(0, usize::MAX - 7);
}

/// A location whose constant offset differs from its offset.
struct Liar;

impl<const SIZE: usize> IoLoc<Region<SIZE>, u32> for Liar {
    type IoType = u32;
    const CONST_OFFSET: Option<usize> = Some(0);
    fn offset(self) -> usize {
        usize::MAX - 3
    }
}

#[test]
fn a_lying_location_is_refused_at_run_time() {
    let memory = Memory::new(16);
    assert_eq!(memory.mmio::<16>().try_read(Liar), Err(EINVAL));
    assert_eq!(
        memory.mmio::<16>().try_update(Liar, |_| unreachable!()),
        Err(EINVAL)
    );
}

#[test]
#[should_panic(expected = "outside of the region's compile-time size")]
fn a_lying_location_fails_the_build() {
    Memory::new(16).mmio::<16>().write(Liar, 1);
}

#[test]
fn casts_need_size_and_alignment() {
    let memory = Memory::new(24);
    memory.count_up();
    let io = memory.mmio::<16>();
    assert_eq!(
        io.try_cast::<u64>().unwrap().read_val(),
        0x0807_0605_0403_0201
    );
    assert_eq!(io.try_cast::<[u8; 24]>().unwrap().copy_read()[23], 24);
    assert_eq!(io.try_cast::<[u8; 25]>().err(), Some(EINVAL));
    io.try_cast::<u32>().unwrap().write_val(0xffff_ffff);
    io.try_cast::<[u8; 3]>().unwrap().copy_write([9, 8, 7]);
    assert_eq!(memory.bytes()[..5], [9, 8, 7, 0xff, 5]);
}

#[test]
fn update_reads_and_writes_once() {
    let memory = Memory::new(16);
    memory.count_up();
    let io = memory.mmio::<16>();
    io.update(4_usize, |value: u16| value + 1);
    io.try_update(6_usize, |value: u8| value * 2).unwrap();
    assert_eq!(memory.bytes()[4..8], [6, 6, 14, 8]);
}
