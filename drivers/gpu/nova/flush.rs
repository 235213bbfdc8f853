// SPDX-License-Identifier: GPL-2.0

//! The flush page: a page of system memory that the chip reads to have earlier writes complete.
//!
//! The chip needs the page before anything in it is reset. The page must stay as long as its
//! address is in a register. So the page is a value that borrows BAR 0 and takes the address back
//! when it is dropped. Only then can its memory be freed.

use kernel::{
    device::Bound,
    dma::{Coherent, DmaAddress, Within},
    io::{
        Io,
        register::{RegisterBase, WithBase},
    },
    pci,
    prelude::*,
};

use crate::{
    chip::Family,
    regs::{
        Bar0, Fbhub, Fbhub0, Hshub, HshubEg, PCIE_FLUSH_SYSMEM_ADDR_HI, PCIE_FLUSH_SYSMEM_ADDR_LO,
        PFB_NISO_FLUSH_SYSMEM_ADDR, PFB_NISO_FLUSH_SYSMEM_ADDR_HI, PcieFlush, is_there,
        still_there,
    },
};

/// The size of the page in bytes.
const PAGE: usize = 4096;

/// A place for the page's address.
///
/// A place of two registers takes a new address when the low half is written, so the high half is
/// written first.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// The low half alone.
    NisoLow,
    Niso,
    Fbhub,
    Hshub,
    HshubEg,
    Fbhub0,
}

impl Place {
    /// The places that a chip has, all of which need the same address.
    fn of(family: Family) -> &'static [Self] {
        match family {
            Family::Turing => &[Self::NisoLow],
            Family::Ga100 | Family::Ampere | Family::Ada => &[Self::Niso],
            Family::Hopper => &[Self::Fbhub],
            Family::BlackwellGb10x => &[Self::Hshub, Self::HshubEg],
            Family::BlackwellGb20x => &[Self::Fbhub0],
        }
    }

    /// The number of bits that an address may have.
    fn address_bits(self) -> u32 {
        match self {
            Self::NisoLow => 40,
            Self::Niso => 64,
            Self::Fbhub | Self::Hshub | Self::HshubEg | Self::Fbhub0 => 52,
        }
    }

    fn read(self, bar: &Bar0<'_>) -> DmaAddress {
        match self {
            Self::NisoLow => DmaAddress::from(bar.read(PFB_NISO_FLUSH_SYSMEM_ADDR).into_raw()) << 8,
            Self::Niso => {
                let high = bar.read(PFB_NISO_FLUSH_SYSMEM_ADDR_HI).bits().get();
                DmaAddress::from(high) << 40 | Self::NisoLow.read(bar)
            }
            Self::Fbhub => read_pair::<Fbhub>(bar),
            Self::Hshub => read_pair::<Hshub>(bar),
            Self::HshubEg => read_pair::<HshubEg>(bar),
            Self::Fbhub0 => read_pair::<Fbhub0>(bar),
        }
    }

    fn write(self, bar: &Bar0<'_>, address: DmaAddress) {
        match self {
            Self::NisoLow => {
                let low = PFB_NISO_FLUSH_SYSMEM_ADDR::from((address >> 8) as u32);
                bar.write(PFB_NISO_FLUSH_SYSMEM_ADDR, low);
            }
            Self::Niso => {
                let high = PFB_NISO_FLUSH_SYSMEM_ADDR_HI::from((address >> 40) as u32);
                bar.write(PFB_NISO_FLUSH_SYSMEM_ADDR_HI, high);
                Self::NisoLow.write(bar, address);
            }
            Self::Fbhub => write_pair::<Fbhub>(bar, address),
            Self::Hshub => write_pair::<Hshub>(bar, address),
            Self::HshubEg => write_pair::<HshubEg>(bar, address),
            Self::Fbhub0 => write_pair::<Fbhub0>(bar, address),
        }
    }
}

fn read_pair<B: RegisterBase<PcieFlush>>(bar: &Bar0<'_>) -> DmaAddress {
    let high = bar.read(PCIE_FLUSH_SYSMEM_ADDR_HI::of::<B>()).bits().get();
    let low = bar.read(PCIE_FLUSH_SYSMEM_ADDR_LO::of::<B>()).into_raw();
    DmaAddress::from(high) << 32 | DmaAddress::from(low)
}

fn write_pair<B: RegisterBase<PcieFlush>>(bar: &Bar0<'_>, address: DmaAddress) {
    let high = PCIE_FLUSH_SYSMEM_ADDR_HI::from((address >> 32) as u32);
    bar.write(PCIE_FLUSH_SYSMEM_ADDR_HI::of::<B>(), high);
    let low = PCIE_FLUSH_SYSMEM_ADDR_LO::from(address as u32);
    bar.write(PCIE_FLUSH_SYSMEM_ADDR_LO::of::<B>(), low);
}

/// The page, as long as the chip knows its address.
pub(crate) struct FlushPage<'bound> {
    page: Coherent<[u8], Within<'bound>>,
    places: &'static [Place],
    bar: &'bound Bar0<'bound>,
    pdev: &'bound pci::Device<Bound>,
}

impl<'bound> FlushPage<'bound> {
    /// Allocates the page, and gives the chip its address. The DMA mask must be set before.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The chip does not know the page then.
    ///
    /// - `ERANGE`: the registers cannot hold the address of the page. Nothing was written.
    /// - `EIO`: a register did not take the address.
    /// - `ENODEV`: the chip does not answer any more.
    /// - The errors of [`Coherent::zeroed_slice`].
    pub(crate) fn new(
        pdev: &'bound pci::Device<Bound>,
        bar: &'bound Bar0<'bound>,
        family: Family,
    ) -> Result<Self> {
        let dev = pdev.as_ref();
        let page = Coherent::<u8>::zeroed_slice(dev, PAGE, GFP_KERNEL)?.within(dev)?;
        let (address, places) = (page.dma_address(), Place::of(family));
        for place in places {
            let bits = place.address_bits();
            if address.checked_shr(bits).is_some_and(|rest| rest != 0) {
                dev_err!(
                    pdev,
                    "the flush page is at {address:#x}: the registers hold {bits} bits of an address\n"
                );
                return Err(ERANGE);
            }
        }
        // From here on, a failure takes the address back.
        let this = Self {
            page,
            places,
            bar,
            pdev,
        };
        for place in places {
            place.write(bar, address);
        }
        for place in places {
            let found = place.read(bar);
            still_there(pdev, bar, "while it was given the flush page")?;
            if found != address {
                dev_err!(
                    pdev,
                    "{place:?} has {found:#x} as flush page after {address:#x} was written\n"
                );
                return Err(EIO);
            }
        }
        Ok(this)
    }

    /// The page's address for the chip.
    pub(crate) fn address(&self) -> DmaAddress {
        self.page.dma_address()
    }
}

impl Drop for FlushPage<'_> {
    fn drop(&mut self) {
        let pdev = self.pdev;
        for place in self.places {
            let found = place.read(self.bar);
            if found == self.address() {
                place.write(self.bar, 0);
            } else if is_there(self.bar) {
                dev_warn!(
                    pdev,
                    "{place:?} has {found:#x} as flush page, from somebody else: left as it is\n"
                );
            } else {
                dev_warn!(
                    pdev,
                    "the device is gone: the flush page was not taken back\n"
                );
                return;
            }
        }
    }
}
