// SPDX-License-Identifier: GPL-2.0

//! A value that is lent to a closure ends with the closure.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Device},
    devres::Devres,
    pci::DevresBar,
    prelude::*,
};

pub fn by_capture(devres: &DevresBar, dev: &Device<Bound>) -> Result<usize> {
    let mut size = 0;
    #[cfg(not(reject))]
    devres.access_with(dev, |bar| size = size_of_val(bar))?;
    #[cfg(reject)]
    {
        let mut kept: Option<&kernel::pci::Bar<'_>> = None;
        devres.access_with(dev, |bar| kept = Some(bar))?; //~ E0521
        size = kept.map_or(0, size_of_val);
    }
    Ok(size)
}

pub fn by_value(devres: &DevresBar, dev: &Device<Bound>) -> Result<usize> {
    #[cfg(not(reject_2))]
    let size = devres.access_with(dev, |bar| size_of_val(bar))?;
    #[cfg(reject_2)]
    let size = size_of_val(devres.access_with(dev, |bar| bar)?); //~2 lifetime may not live long enough

    //~2^^ lifetime may not live long enough
    Ok(size)
}

pub fn unless_unbound(devres: &DevresBar) -> Option<usize> {
    #[cfg(not(reject_3))]
    let size = devres.try_access_with(|bar| size_of_val(bar))?;
    #[cfg(reject_3)]
    let size = size_of_val(devres.try_access_with(|bar| bar)?); //~3 lifetime may not live long enough

    //~3^^ lifetime may not live long enough
    Some(size)
}

pub fn plain(devres: &Devres<u8>) -> Option<u8> {
    #[cfg(not(reject_4))]
    let value = devres.try_access_with(|value| *value)?;
    #[cfg(reject_4)]
    let value = *devres.try_access_with(|value| value)?; //~4 lifetime may not live long enough
    Some(value)
}

#[cfg(not(reject_5))]
pub fn into_longer(devres: &DevresBar, kept: &mut Option<usize>) {
    devres.try_access_with(|bar| *kept = Some(size_of_val(bar)));
}

#[cfg(reject_5)]
pub fn into_longer<'a>(devres: &DevresBar, kept: &mut Option<&'a kernel::pci::Bar<'a>>) {
    devres.try_access_with(|bar| *kept = Some(bar)); //~5 E0521
}
