// SPDX-License-Identifier: GPL-2.0

//! A platform device's memory is not kept where it could outlive the binding, and not requested
//! where no binding is known.

#![forbid(unsafe_code)]

use kernel::{
    io::{
        Io,
        mem::{DevresExclusiveIoMem, ExclusiveIoMem, IoMem, IoRequest},
    },
    platform,
    prelude::*,
    sync::{Arc, Mutex},
};

type Bound = platform::Device<kernel::device::Bound>;

#[cfg(not(reject))]
pub fn request(pdev: &Bound) -> Option<IoRequest<'_>> {
    pdev.io_request_by_index(0)
}

#[cfg(reject)]
pub fn request(pdev: &platform::Device) -> Option<IoRequest<'_>> {
    pdev.io_request_by_index(0) //~ E0599 io_request_by_index
}

#[cfg(not(reject_2))]
pub fn shared<'a>(request: IoRequest<'a>) -> Result<Arc<IoMem<'a>>> {
    Ok(Arc::new(request.iomap()?, GFP_KERNEL)?)
}

#[cfg(reject_2)]
pub fn shared(request: IoRequest<'_>) -> Result<Arc<IoMem<'static>>> {
    Ok(Arc::new(request.iomap()?, GFP_KERNEL)?) //~2 lifetime may not live long enough
}

#[cfg(not(reject_3))]
pub fn in_a_lock<'a>(request: IoRequest<'a>, slot: &Mutex<Option<ExclusiveIoMem<'a>>>) {
    *slot.lock() = request.iomap_exclusive().ok();
}

#[cfg(reject_3)]
pub fn in_a_lock(request: IoRequest<'_>, slot: &Mutex<Option<ExclusiveIoMem<'static>>>) {
    *slot.lock() = request.iomap_exclusive().ok(); //~3 E0521
}

pub fn devres(request: IoRequest<'_>) -> Result<DevresExclusiveIoMem<8>> {
    request.iomap_exclusive_sized()?.into_devres()
}

#[cfg(not(reject_4))]
pub fn once(request: IoRequest<'_>) -> Result<u32> {
    request.iomap()?.try_read32(0)
}

#[cfg(reject_4)]
pub fn once(request: IoRequest<'_>) -> Result<u32> {
    drop(request.iomap()?);
    request.iomap()?.try_read32(0) //~4 E0382
}

#[cfg(not(reject_5))]
pub fn view(memory: &IoMem<'_, 8>) -> u32 {
    memory.read32(4)
}

#[cfg(reject_5)]
pub fn view<'a>(memory: IoMem<'a, 8>) -> impl Io<'a> {
    &memory //~5 E0515
}
