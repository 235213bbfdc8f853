// SPDX-License-Identifier: GPL-2.0

//! Tests of registers and accesses. They are compiled as drivers are, and use memory that stands
//! for a device.

use core::cell::Cell;

use super::{Io, Mmio, MmioRaw, Region, register::Array};
use crate::{num::Bounded, prelude::*};

const SIZE: usize = 0x80;

/// Memory that stands for a device. All its bytes are zero at first.
struct Memory(KBox<[Cell<u64>; SIZE / 8]>);

impl Memory {
    fn new() -> Result<Self> {
        let zero = [const { Cell::new(0) }; SIZE / 8];
        Ok(Self(KBox::new(zero, GFP_KERNEL)?))
    }

    /// All of the memory as registers, of which `MIN` bytes are known while compiling.
    fn mmio<const MIN: usize>(&self) -> Result<Mmio<'_, Region<MIN>>> {
        let base = (&raw const *self.0).expose_provenance();
        let raw = MmioRaw::new_region(base, SIZE)?;
        // SAFETY: `from_raw` requires mapped and aligned memory without references into it; the
        // memory is cells that live as long as `self` is borrowed.
        Ok(unsafe { Mmio::from_raw(raw) })
    }
}

crate::io::register! {
    CONTROL(u32) @ 0x10 {
        7:0 count => u8;
        9:8 level;
        31:31 busy => bool;
    }
    WIDE(u64) @ 0x18 { 63:32 high; 31:0 low; }
    SLOTS(u16)[4, stride = 8] @ 0x20 { 3:0 nibble; }
    FIRST(u16) => SLOTS[0] { 0:0 bit => bool; }
}

#[kunit_tests(lifebound_io)]
mod accesses {
    use super::*;

    /// Tries each offset, even those that would wrap around, and compares the result with the plain
    /// rule.
    macro_rules! try_every_offset {
        ($io:ident, $ty:ident: $try_read:ident $try_write:ident) => {
            let mut allowed = 0;
            for offset in Iterator::chain(0..SIZE + 16, usize::MAX - 16..=usize::MAX) {
                let fits = offset < SIZE && SIZE - offset >= size_of::<$ty>();
                let fits = fits && offset % size_of::<$ty>() == 0;
                let value = $ty::MAX / 3;
                let want = if fits { Ok(value) } else { Err(EINVAL) };
                assert_eq!($io.$try_write(value, offset), want.map(drop), "{offset:#x}");
                assert_eq!($io.$try_read(offset), want, "{offset:#x}");
                allowed += usize::from(fits);
            }
            assert_eq!(allowed, SIZE / size_of::<$ty>());
        };
    }

    #[test]
    fn offsets_are_checked_at_run_time() -> Result {
        let memory = Memory::new()?;
        let io = memory.mmio::<0x10>()?;
        try_every_offset!(io, u8: try_read8 try_write8);
        try_every_offset!(io, u16: try_read16 try_write16);
        try_every_offset!(io, u32: try_read32 try_write32);
        try_every_offset!(io, u64: try_read64 try_write64);
        Ok(())
    }

    #[test]
    fn constant_offsets_reach_the_last_known_byte() -> Result {
        let memory = Memory::new()?;
        let io = memory.mmio::<0x10>()?;
        io.write64(0x8877_6655_4433_2211, 8);
        assert_eq!((io.read8(15), io.read16(14)), (0x88, 0x8877));
        assert_eq!((io.read32(12), io.read32(8)), (0x8877_6655, 0x4433_2211));
        Ok(())
    }

    #[test]
    fn a_region_smaller_than_promised_is_refused() -> Result {
        let memory = Memory::new()?;
        assert!(memory.mmio::<SIZE>().is_ok());
        assert!(memory.mmio::<{ SIZE + 1 }>().is_err());
        assert!(MmioRaw::<Region<0>>::new_region(usize::MAX - 7, 16).is_err());
        Ok(())
    }
}

#[kunit_tests(lifebound_register)]
mod registers {
    use super::*;

    #[test]
    fn fields_are_read_and_written_in_place() -> Result {
        let memory = Memory::new()?;
        let io = memory.mmio::<SIZE>()?;
        io.write32(u32::MAX, 0x10);
        io.update(CONTROL, |control| {
            control
                .with_count(0x5a_u8)
                .with_const_level::<1>()
                .with_busy(false)
        });
        assert_eq!(io.read32(0x10), 0x7fff_fd5a);
        let control = io.read(CONTROL);
        assert_eq!((control.count(), control.busy()), (0x5a, false));
        assert_eq!(control.level(), Bounded::<u32, 2>::new::<1>());
        Ok(())
    }

    #[test]
    fn what_does_not_fit_a_field_is_refused() {
        let control = CONTROL::zeroed();
        assert_eq!(
            control.try_with_level(3_u64).map(|c| c.into_raw()),
            Ok(0x300)
        );
        for too_large in [4_i64, -1, i64::MAX, i64::MIN] {
            assert_eq!(control.try_with_level(too_large).err(), Some(ERANGE));
        }
        assert_eq!(Bounded::<u32, 2>::try_new(4), None);
    }

    #[test]
    fn wide_registers_and_arrays() -> Result {
        let memory = Memory::new()?;
        let io = memory.mmio::<SIZE>()?;
        io.write(WIDE, WIDE::zeroed().with_high(0x1234_5678_u32));
        assert_eq!(io.read64(0x18), 0x1234_5678_0000_0000);
        for i in 0..4 {
            let slot = SLOTS::try_at(i).ok_or(EINVAL)?;
            io.write(slot, SLOTS::from(1 << i));
        }
        assert_eq!((io.read16(0x20), io.read16(0x38)), (1, 8));
        assert!(io.read(FIRST).bit() && SLOTS::try_at(4).is_none());
        assert!(SLOTS::try_at(usize::MAX).is_none());
        Ok(())
    }
}
