// SPDX-License-Identifier: GPL-2.0

//! DMA in the spelling of Linux 7.3: memory and tables own what they need, and have no lifetime. A
//! mask is set in `probe`.

#![forbid(unsafe_code)]

use kernel::{
    device::{self, Bound, Device},
    dma::{Coherent, CoherentBox, CoherentHandle, DataDirection, Device as _, DmaMask},
    io::io_read,
    pci,
    prelude::*,
    scatterlist::{Owned, SGEntry, SGTable},
};

#[derive(FromBytes, IntoBytes, zerocopy::Immutable, Clone, Copy)]
#[repr(C)]
pub struct Entry {
    address: u64,
    length: u64,
}

#[pin_data]
pub struct Engine {
    ring: Coherent<[Entry]>,
    command: CoherentBox<Entry>,
    hidden: CoherentHandle,
    #[pin]
    image: SGTable<Owned<VVec<u8>>>,
}

#[cfg(not(reject))]
type Context<'a> = device::Core<'a>;
#[cfg(reject)]
type Context<'a> = Bound;

pub fn set_masks(pdev: &pci::Device<Context<'_>>) -> Result {
    pdev.dma_set_mask_and_coherent(DmaMask::new::<40>()) //~ E0599
}

pub fn engine(dev: &Device<Bound>, image: VVec<u8>) -> impl PinInit<Engine, Error> + '_ {
    try_pin_init!(Engine {
        ring: Coherent::zeroed_slice(dev, 16, GFP_KERNEL)?,
        command: CoherentBox::zeroed(dev, GFP_KERNEL)?,
        hidden: CoherentHandle::alloc(dev, 4096, GFP_KERNEL)?,
        image <- SGTable::new(dev, image, DataDirection::ToDevice, GFP_KERNEL),
    })
}

fn length(entry: &SGEntry) -> u64 {
    entry.dma_len()
}

pub fn total(engine: &Engine) -> Result<u64> {
    let table: &SGTable = &engine.image;
    let pieces: u64 = table.iter().map(length).sum();
    Ok(pieces
        + engine.command.length
        + io_read!(engine.ring, [try: 3].length)
        + engine.hidden.dma_address())
}
