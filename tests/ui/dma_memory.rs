// SPDX-License-Identifier: GPL-2.0

//! Memory for DMA does not outlive the binding, and a view of it does not outlive the memory. While
//! the device may write to it, there is no reference to it. A value that cannot be mapped is
//! refused by its type.

#![forbid(unsafe_code)]

use core::ops::Deref;

use kernel::{
    device::{Bound, Core, Device},
    dma::{
        self, Coherent, CoherentBox, CoherentHandle, CoherentView, DataDirection, DmaMask, Mapped,
        Slot, Within,
    },
    io::{Io, io_project},
    pci,
    prelude::*,
    scatterlist::SGTable,
};

#[cfg(not(reject))]
pub fn kept<'a>(dev: &'a Device<Bound>) -> Result<Coherent<u64, Within<'a>>> {
    Coherent::<u64>::zeroed(dev, GFP_KERNEL)?.within(dev)
}

#[cfg(reject)]
pub fn kept(dev: &Device<Bound>) -> Result<Coherent<u64, Within<'static>>> {
    Coherent::<u64>::zeroed(dev, GFP_KERNEL)?.within(dev) //~ lifetime may not live long enough
}

#[cfg(not(reject_2))]
pub fn hidden<'a>(dev: &'a Device<Bound>) -> Result<CoherentHandle<Within<'a>>> {
    CoherentHandle::alloc(dev, 4096, GFP_KERNEL)?.within(dev)
}

#[cfg(reject_2)]
pub fn hidden(dev: &Device<Bound>) -> Result<CoherentHandle<Within<'static>>> {
    CoherentHandle::alloc(dev, 4096, GFP_KERNEL)?.within(dev) //~2 lifetime may not live long enough
}

/// A handle that borrows nothing may go anywhere. A view of its memory borrows the handle.
#[cfg(not(reject_18))]
pub fn unbounded(dev: &Device<Bound>) -> Result<impl Send + Sync + 'static + use<>> {
    Coherent::<u64>::zeroed(dev, GFP_KERNEL)
}

#[cfg(reject_18)]
pub fn unbounded(dev: &Device<Bound>) -> Result<CoherentView<'static, u64>> {
    let memory = Coherent::<u64>::zeroed(dev, GFP_KERNEL)?;
    Ok(kernel::io::IoBase::as_view(&memory)) //~18 E0515
}

/// A handle that borrows the binding is not dropped after it.
pub fn late<D: Deref<Target = Device<Bound>>>(dev: D) -> Result {
    let _memory = Coherent::<u64>::zeroed(&dev, GFP_KERNEL)?.within(&dev)?;
    #[cfg(reject_20)]
    drop(dev); //~20 E0505
    Ok(())
}

/// A buffer is lent to the CPU only while its device is bound.
pub fn turns(dev: &Device<Bound>, buffer: VVec<u8>) -> Result {
    #[cfg(not(reject_19))]
    let mut table = SGTable::new_within(dev, buffer, DataDirection::FromDevice, GFP_KERNEL)?;
    #[cfg(reject_19)]
    let mut table = KBox::pin_init(
        SGTable::new(dev, buffer, DataDirection::FromDevice, GFP_KERNEL),
        GFP_KERNEL,
    )?;
    drop(table.sync_for_cpu()); //~19 E0599
    Ok(())
}

pub fn view(dev: &Device<Bound>) -> Result<u64> {
    let memory = Coherent::<u64>::zeroed_slice(dev, 8, GFP_KERNEL)?;
    let view: CoherentView<'_, u64> = io_project!(&memory, [3]?);
    #[cfg(reject_3)]
    drop(memory); //~3 E0505
    Ok(view.read_val())
}

fn for_ever<T: 'static>(_: T) {}

pub fn mapped(dev: &Device<Bound>, buffer: KVec<u8>) -> Result {
    let mut mapped = Mapped::new(dev, buffer, DataDirection::FromDevice, GFP_KERNEL)?;
    #[cfg(reject_4)]
    let first = buffer.first(); //~4 E0382
    let one = mapped.sync_for_cpu();
    #[cfg(reject_5)]
    let _ = mapped.sync_for_cpu(); //~5 E0499
    let _ = Io::size(&one);
    drop(one);
    #[cfg(not(reject_6))]
    for_ever(mapped.into_inner()?);
    #[cfg(reject_6)]
    for_ever(mapped); //~6 E0521
    #[cfg(reject_4)]
    let _ = first;
    Ok(())
}

fn contiguous<B: dma::DmaBuffer>(buffer: B) {
    drop(buffer);
}

pub fn buffers(one: KBox<[u8; 64]>, some: KBox<[u32]>, more: KVec<u8>, large: VVec<u8>) {
    contiguous(one);
    contiguous(some);
    contiguous(more);
    #[cfg(reject_7)]
    contiguous(large); //~7 E0277
    #[cfg(not(reject_7))]
    drop(large);
}

pub fn pieces(dev: &Device<Bound>, buffer: VVec<u8>) -> Result<u64> {
    let table = SGTable::new_within(dev, buffer, DataDirection::ToDevice, GFP_KERNEL)?;
    let first = table.iter().next();
    #[cfg(reject_8)]
    drop(table); //~8 E0505
    Ok(first.map_or(0, |piece| piece.dma_len()))
}

#[derive(FromBytes, IntoBytes, zerocopy::Immutable)]
#[repr(C)]
pub struct Entry {
    address: u64,
    length: u32,
    flags: u32,
}

#[repr(C)]
pub struct Padded {
    flag: u8,
    number: u32,
}

#[cfg(not(reject_9))]
type Content = Entry;

#[cfg(reject_9)]
type Content = Padded;

pub fn padded(dev: &Device<Bound>) -> Result {
    Coherent::<Content>::zeroed(dev, GFP_KERNEL).map(drop) //~9 E0599
}

pub fn alone(dev: &Device<Bound>) -> Result<Coherent<Entry>> {
    let entry = CoherentBox::<Entry>::zeroed(dev, GFP_KERNEL)?;
    #[cfg(reject_10)]
    let _ = entry.dma_address(); //~10 E0599
    let entry: Coherent<Entry> = entry.into();
    #[cfg(reject_11)]
    let _: &Entry = &*entry; //~11 E0614
    Ok(entry)
}

#[cfg(not(reject_12))]
pub const MASK: DmaMask = DmaMask::new::<64>();

#[cfg(reject_12)]
pub const MASK: DmaMask = DmaMask::new::<65>(); //~12? E0080 a DMA mask has 1 to 64 bits

#[cfg(not(reject_13))]
pub fn master<'a>(pdev: &'a pci::Device<Core<'_>>) -> Result<pci::BusMaster<'a>> {
    pdev.bus_master()
}

#[cfg(reject_13)]
pub fn master<'a>(pdev: &'a pci::Device<Bound>) -> Result<pci::BusMaster<'a>> {
    pdev.bus_master() //~13 E0599
}

pub fn attributes() -> dma::Attrs {
    #[cfg(not(reject_14))]
    let named = dma::attrs::DMA_ATTR_NO_WARN;
    #[cfg(reject_14)]
    let named = dma::attrs::DMA_ATTR_NO_KERNEL_MAPPING; //~14 E0425
    !named
}

#[cfg(not(reject_15))]
pub fn slot<'a>(dev: &'a Device<Bound>) -> Result<Slot<'a>> {
    Slot::new(dev, GFP_KERNEL)
}

#[cfg(reject_15)]
pub fn slot(dev: &Device<Bound>) -> Result<Slot<'static>> {
    Slot::new(dev, GFP_KERNEL) //~15 lifetime may not live long enough
}

pub fn again(slot: Slot<'_>, buffer: KVec<u8>) -> Result {
    let mapped = slot.map(buffer, DataDirection::ToDevice, GFP_KERNEL)?;
    let (buffer, slot) = mapped.unmap();
    #[cfg(reject_16)]
    let _ = mapped.dma_address(); //~16 E0382
    let mapped = slot.map(buffer, DataDirection::FromDevice, GFP_KERNEL)?;
    #[cfg(reject_17)]
    drop(slot); //~17 E0382
    drop(mapped);
    Ok(())
}
