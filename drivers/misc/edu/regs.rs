// SPDX-License-Identifier: GPL-2.0

//! The registers, in BAR 0: see `docs/specs/edu.rst` of QEMU.

use kernel::{io::register, pci};

/// The part of BAR 0 that this driver uses. Its size is checked against the device when it is
/// mapped.
pub(crate) type Registers<'bound> = pci::Bar<'bound, 0xa0>;

register! {
    /// Tells which device this is.
    pub(crate) IDENTITY(u32) @ 0x00 {
        31:24 major;
        23:16 minor;
        15:0 kind;
    }

    /// Reads as the complement of the value that was written.
    pub(crate) LIVENESS(u32) @ 0x04 {
        31:0 value;
    }

    /// Writing a number starts the computation of its factorial, which can be read at the end.
    pub(crate) FACTORIAL(u32) @ 0x08 {
        31:0 value;
    }

    pub(crate) STATUS(u32) @ 0x20 {
        /// Whether the end of a computation raises an interrupt.
        7:7 interrupt => bool;
        0:0 computing => bool;
    }

    /// The interrupts that were raised and not acknowledged yet.
    pub(crate) PENDING(u32) @ 0x24 {
        8:8 transfer => bool;
        0:0 factorial => bool;
    }

    /// Acknowledges the interrupts whose bits are written.
    pub(crate) ACKNOWLEDGE(u32) @ 0x64 {
        31:0 bits;
    }

    /// The place that a transfer reads: an address on the bus, or one in the device ([`BUFFER`]).
    pub(crate) SOURCE(u64) @ 0x80 {
        63:0 address;
    }

    /// The place that a transfer writes.
    pub(crate) DESTINATION(u64) @ 0x88 {
        63:0 address;
    }

    pub(crate) COUNT(u64) @ 0x90 {
        63:0 bytes;
    }

    pub(crate) COMMAND(u64) @ 0x98 {
        /// Whether the end of the transfer raises an interrupt.
        2:2 interrupt => bool;
        /// The transfer goes from the device to memory.
        1:1 outward => bool;
        /// Starts a transfer; reads as one until it is done.
        0:0 run => bool;
    }
}

/// `kind` of [`IDENTITY`].
pub(crate) const EDU: u32 = 0x00ed;

/// The address of the device's buffer, for transfers.
pub(crate) const BUFFER: u64 = 0x4_0000;

/// The bytes of the buffer that can be used: the device refuses a transfer that ends at the last of
/// its 4096.
pub(crate) const BUFFER_SIZE: usize = 4095;

/// The number of bits in an address of the device.
pub(crate) const ADDRESS_BITS: u32 = 28;
