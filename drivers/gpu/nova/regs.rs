// SPDX-License-Identifier: GPL-2.0

//! The registers, in BAR 0. NVIDIA's published headers have them under the names that stand here,
//! with `NV_` before them.

use kernel::{
    device::Bound,
    io::{Io, register, register::RegisterBase},
    pci,
    prelude::*,
};

/// BAR 0, of which every chip has 16 MiB. The compiler checks each register against this size.
pub(crate) type Bar0<'bound> = pci::Bar<'bound, 0x100_0000>;

register! {
    /// Which chip this is, for software that is older than the chip.
    pub(crate) PMC_BOOT_0(u32) @ 0x00_0000 {
        28:24 architecture_low;
        8:8 architecture_high => bool;
    }

    /// Which chip this is. Chips older than Fermi have no such register.
    pub(crate) PMC_BOOT_42(u32) @ 0x00_0a00 {
        29:24 architecture;
        23:20 implementation;
        19:16 major;
        15:12 minor;
    }

    /// The size of the chip's memory: `magnitude` times two to the power of `scale`, in MiB.
    pub(crate) PFB_PRI_MMU_LOCAL_MEMORY_RANGE(u32) @ 0x10_0ce0 {
        /// One sixteenth of the memory holds check bits.
        30:30 ecc => bool;
        9:4 magnitude;
        3:0 scale;
    }

    /// The size of the chip's memory, in chips that do not have the register above.
    pub(crate) USABLE_FB_SIZE_IN_MB(u32) @ 0x11_83a4 {
        31:0 mib;
    }

    /// Whether the firmware lets software read its progress.
    pub(crate) GFW_BOOT_PROGRESS_MASK(u32) @ 0x11_8128 {
        0:0 readable => bool;
    }

    /// How far the firmware's boot is.
    pub(crate) GFW_BOOT_PROGRESS(u32) @ 0x11_8234 {
        7:0 stage;
    }
}

/// The stage of [`GFW_BOOT_PROGRESS`] at which the firmware has booted.
pub(crate) const GFW_BOOTED: u32 = 0xff;

// The address of the flush page, in the chips up to Ada.
register! {
    /// Bits 39:8 of the address.
    pub(crate) PFB_NISO_FLUSH_SYSMEM_ADDR(u32) @ 0x10_0c10 {
        31:0 bits;
    }

    /// Bits 63:40 of the address.
    pub(crate) PFB_NISO_FLUSH_SYSMEM_ADDR_HI(u32) @ 0x10_0c40 {
        23:0 bits;
    }
}

/// The family of two registers that several units of later chips have.
pub(crate) struct PcieFlush;

register! {
    /// Bits 31:0 of the address. The unit ignores the bits below 8.
    pub(crate) PCIE_FLUSH_SYSMEM_ADDR_LO(u32) @ PcieFlush + 0x0 {
        31:0 bits;
    }

    /// Bits 51:32 of the address.
    pub(crate) PCIE_FLUSH_SYSMEM_ADDR_HI(u32) @ PcieFlush + 0x4 {
        19:0 bits;
    }
}

/// `PFB_FBHUB_PCIE_FLUSH_SYSMEM_ADDR`, in Hopper.
pub(crate) struct Fbhub;

impl RegisterBase<PcieFlush> for Fbhub {
    const BASE: usize = 0x10_0a34;
}

/// `PFB_HSHUB_PCIE_FLUSH_SYSMEM_ADDR` of the first such unit, in GB10x.
pub(crate) struct Hshub;

impl RegisterBase<PcieFlush> for Hshub {
    const BASE: usize = 0x87_0e50;
}

/// `PFB_HSHUB_EG_PCIE_FLUSH_SYSMEM_ADDR` of the first such unit, in GB10x.
pub(crate) struct HshubEg;

impl RegisterBase<PcieFlush> for HshubEg {
    const BASE: usize = 0x87_06c0;
}

/// `PFB_FBHUB0_PCIE_FLUSH_SYSMEM_ADDR`, in GB20x.
pub(crate) struct Fbhub0;

impl RegisterBase<PcieFlush> for Fbhub0 {
    const BASE: usize = 0x8a_1d58;
}

/// Whether the chip still answers. All bits of all registers are set once it does not.
pub(crate) fn is_there(bar: &Bar0<'_>) -> bool {
    bar.read(PMC_BOOT_0).into_raw() != u32::MAX
}

/// Makes sure that what was read so far came from the chip.
///
/// # Errors
///
/// `ENODEV` if the chip does not answer any more.
pub(crate) fn still_there(pdev: &pci::Device<Bound>, bar: &Bar0<'_>, step: &str) -> Result {
    if is_there(bar) {
        return Ok(());
    }
    dev_err!(pdev, "the device is gone: {step}\n");
    Err(ENODEV)
}
