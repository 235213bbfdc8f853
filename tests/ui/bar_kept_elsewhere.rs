// SPDX-License-Identifier: GPL-2.0

//! A BAR is not kept where it could outlive the binding: behind a static lock, in shared data, or
//! leaked.

#![forbid(unsafe_code)]

use kernel::{
    device::Bound,
    pci,
    prelude::*,
    sync::{Arc, Mutex},
};

type Bar<'a> = pci::Bar<'a, 0x10>;

#[cfg(not(reject))]
pub fn in_a_lock<'a>(pdev: &'a pci::Device<Bound>, slot: &Mutex<Option<Bar<'a>>>) {
    *slot.lock() = pdev.iomap_region_sized(0, c"ui").ok();
}

#[cfg(reject)]
pub fn in_a_lock(pdev: &pci::Device<Bound>, slot: &'static Mutex<Option<Bar<'static>>>) {
    *slot.lock() = pdev.iomap_region_sized(0, c"ui").ok(); //~ E0521
}

#[cfg(not(reject_2))]
pub fn shared<'a>(pdev: &'a pci::Device<Bound>) -> Result<Arc<Bar<'a>>> {
    Ok(Arc::new(pdev.iomap_region_sized(0, c"ui")?, GFP_KERNEL)?)
}

#[cfg(reject_2)]
pub fn shared(pdev: &pci::Device<Bound>) -> Result<Arc<Bar<'static>>> {
    Ok(Arc::new(pdev.iomap_region_sized(0, c"ui")?, GFP_KERNEL)?) //~2 lifetime may not live long enough
}

#[cfg(not(reject_3))]
pub fn leaked<'a>(pdev: &'a pci::Device<Bound>) -> Result<&'a Bar<'a>> {
    Ok(KBox::leak(KBox::new(
        pdev.iomap_region_sized(0, c"ui")?,
        GFP_KERNEL,
    )?))
}

#[cfg(reject_3)]
pub fn leaked(pdev: &pci::Device<Bound>) -> Result<&'static Bar<'static>> {
    Ok(KBox::leak(KBox::new(
        pdev.iomap_region_sized(0, c"ui")?,
        GFP_KERNEL,
    )?)) //~3^^^ lifetime may not live long enough
}

#[cfg(not(reject_4))]
pub fn returned<'a>(pdev: &'a pci::Device<Bound>) -> Result<Bar<'a>> {
    pdev.iomap_region_sized(0, c"ui")
}

#[cfg(reject_4)]
pub fn returned(pdev: &pci::Device<Bound>) -> Result<Bar<'static>> {
    pdev.iomap_region_sized(0, c"ui") //~4 lifetime may not live long enough
}

fn for_ever<T: 'static>(_: T) {}

pub fn given_away(pdev: &pci::Device<Bound>) -> Result {
    let bar: Bar<'_> = pdev.iomap_region_sized(0, c"ui")?;
    #[cfg(not(reject_5))]
    for_ever(bar.into_devres()?);
    #[cfg(reject_5)]
    for_ever(bar); //~5 E0521
    Ok(())
}
