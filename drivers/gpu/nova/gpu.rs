// SPDX-License-Identifier: GPL-2.0

//! The GPU: all parts of a device that use its registers.

use kernel::{device::Core, dma::Device as _, pci, prelude::*};

use crate::{
    chip::Chip,
    firmware,
    flush::FlushPage,
    memory,
    regs::{self, Bar0, still_there},
};

/// A GPU in service. It borrows BAR 0, and so do its parts.
///
/// The fields are dropped in this order: the chip forgets the flush page while it still may start
/// transfers, and the page's memory is freed after both.
pub(crate) struct Gpu<'bound> {
    pub(crate) flush_page: FlushPage<'bound>,
    _master: pci::BusMaster<'bound>,
    pub(crate) chip: Chip,
    /// The size of the chip's memory.
    pub(crate) memory_mib: u32,
    bar: &'bound Bar0<'bound>,
}

impl<'bound> Gpu<'bound> {
    /// Takes the chip behind `bar` into service.
    ///
    /// Context: process context; may sleep for some seconds.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the chip is not supported or does not answer; `ETIMEDOUT` if its firmware does
    /// not boot; the errors of [`FlushPage::new`].
    pub(crate) fn new(
        pdev: &'bound pci::Device<Core<'_>>,
        bar: &'bound Bar0<'bound>,
    ) -> Result<Self> {
        let chip = Chip::identify(pdev, bar)?;
        firmware::wait(pdev, bar)?;
        pdev.dma_set_mask_and_coherent(chip.family.dma_mask())?;
        // Nothing else is written to the chip before.
        let flush_page = FlushPage::new(pdev, bar, chip.family)?;
        let master = pdev.bus_master()?;
        let memory_mib = memory::size_mib(bar, chip.family);
        still_there(pdev, bar, "while its memory was looked at")?;
        dev_info!(pdev, "{chip}, {memory_mib} MiB\n");
        Ok(Self {
            flush_page,
            _master: master,
            chip,
            memory_mib,
            bar,
        })
    }

    /// Whether the chip still answers.
    pub(crate) fn is_there(&self) -> bool {
        regs::is_there(self.bar)
    }
}
