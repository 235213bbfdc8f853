// SPDX-License-Identifier: GPL-2.0

//! The registers of the GPU's control page, the first of its window.
//!
//! C has the same in `drivers/gpu/drm/panthor/panthor_regs.h`.

use kernel::io::{Io, mem::ExclusiveIoMem, register, register::Array};

/// The size of the window: all blocks of the GPU.
const SIZE: usize = 0x20_0000;

/// The GPU's registers, claimed for this driver.
pub(crate) type Registers<'a> = ExclusiveIoMem<'a, SIZE>;

register! {
    /// Tells which GPU this is. All bits are set if nothing answers.
    pub(crate) GPU_ID(u32) @ 0x0 {
        31:28 arch_major;
        27:24 arch_minor;
        23:20 arch_rev;
        19:16 product;
        15:12 version_major;
        11:4 version_minor;
        3:0 version_status;
    }

    pub(crate) L2_FEATURES(u32) @ 0x4 { 31:0 bits; }
    pub(crate) CORE_FEATURES(u32) @ 0x8 { 31:0 bits; }
    pub(crate) TILER_FEATURES(u32) @ 0xc { 31:0 bits; }
    pub(crate) MEM_FEATURES(u32) @ 0x10 { 31:0 bits; }

    pub(crate) MMU_FEATURES(u32) @ 0x14 {
        /// The number of bits in an address on the bus.
        15:8 physical_bits;
        /// The number of bits in an address of the GPU's own programs.
        7:0 virtual_bits;
    }

    /// The address spaces that exist, one bit each.
    pub(crate) AS_PRESENT(u32) @ 0x18 { 31:0 bits; }

    /// The version of the command stream frontend.
    pub(crate) CSF_ID(u32) @ 0x1c { 31:0 bits; }

    /// The events that have happened, masked or not.
    pub(crate) IRQ_RAWSTAT(u32) @ 0x20 {
        17:17 caches_cleaned => bool;
        10:10 power_changed_all => bool;
        9:9 power_changed => bool;
        8:8 reset_completed => bool;
        0:0 fault => bool;
    }

    /// Forgets the events whose bits are written.
    pub(crate) IRQ_CLEAR(u32) @ 0x24 { 31:0 bits; }

    /// The events that raise the interrupt.
    pub(crate) IRQ_MASK(u32) @ 0x28 {
        10:10 power_changed_all => bool;
        8:8 reset_completed => bool;
        0:0 fault => bool;
    }

    /// The events that have happened and that raise the interrupt.
    pub(crate) IRQ_STATUS(u32) @ 0x2c { 31:0 bits; }

    pub(crate) GPU_CMD(u32) @ 0x30 {
        /// For a reset, its mode.
        15:8 payload;
        7:0 command;
    }

    pub(crate) GPU_STATUS(u32) @ 0x34 { 31:0 bits; }

    pub(crate) SHADER_PRESENT(u32)[2] @ 0x100 { 31:0 bits; }
    pub(crate) TILER_PRESENT(u32)[2] @ 0x110 { 31:0 bits; }
    pub(crate) L2_PRESENT(u32)[2] @ 0x120 { 31:0 bits; }

    /// The parts of the L2 cache that have power.
    pub(crate) L2_READY(u32)[2] @ 0x160 { 31:0 bits; }

    /// Gives power to the parts of the L2 cache whose bits are written.
    pub(crate) L2_PWRON(u32)[2] @ 0x1a0 { 31:0 bits; }

    /// Takes power from the parts of the L2 cache whose bits are written.
    pub(crate) L2_PWROFF(u32)[2] @ 0x1e0 { 31:0 bits; }

    /// The parts of the L2 cache whose power is changing.
    pub(crate) L2_PWRTRANS(u32)[2] @ 0x220 { 31:0 bits; }

    pub(crate) COHERENCY_FEATURES(u32) @ 0x300 { 31:0 bits; }
}

/// A reset that lets the memory bus come to rest first.
pub(crate) fn soft_reset() -> GPU_CMD {
    GPU_CMD::zeroed()
        .with_const_command::<1>()
        .with_const_payload::<1>()
}

/// The events for which the driver waits, and those that it reports.
pub(crate) fn events() -> IRQ_MASK {
    IRQ_MASK::zeroed()
        .with_fault(true)
        .with_reset_completed(true)
        .with_power_changed_all(true)
}

/// Reads a value of 64 bits that may change between the reads of its halves: high, low, and high
/// again.
fn stable(high: impl Fn() -> u32, low: impl Fn() -> u32) -> u64 {
    let mut before = high();
    loop {
        let value = low();
        let after = high();
        if before == after {
            return join(after, value);
        }
        before = after;
    }
}

fn join(high: u32, low: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

/// Defines methods that read 64 bits from two registers of 32.
macro_rules! wide {
    ($($name:ident: $register:ident by $join:ident;)*) => {$(
        pub(crate) fn $name(registers: &Registers<'_>) -> u64 {
            wide!(@$join registers, $register)
        }
    )*};
    (@join $registers:ident, $register:ident) => {
        join(
            $registers.read($register::at(1)).into_raw(),
            $registers.read($register::at(0)).into_raw(),
        )
    };
    (@stable $registers:ident, $register:ident) => {
        stable(
            || $registers.read($register::at(1)).into_raw(),
            || $registers.read($register::at(0)).into_raw(),
        )
    };
}

wide! {
    shader_present: SHADER_PRESENT by join;
    tiler_present: TILER_PRESENT by join;
    l2_present: L2_PRESENT by join;
    l2_ready: L2_READY by stable;
    l2_changing: L2_PWRTRANS by stable;
}

/// Gives power to the parts of the L2 cache in `parts`. A half without any is not written.
pub(crate) fn l2_power_on(registers: &Registers<'_>, parts: u64) {
    let (low, high) = (parts as u32, (parts >> 32) as u32);
    if low != 0 {
        registers.write(L2_PWRON::at(0), low.into());
    }
    if high != 0 {
        registers.write(L2_PWRON::at(1), high.into());
    }
}

/// Takes power from the parts of the L2 cache in `parts`.
pub(crate) fn l2_power_off(registers: &Registers<'_>, parts: u64) {
    let (low, high) = (parts as u32, (parts >> 32) as u32);
    if low != 0 {
        registers.write(L2_PWROFF::at(0), low.into());
    }
    if high != 0 {
        registers.write(L2_PWROFF::at(1), high.into());
    }
}
