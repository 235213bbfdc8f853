// SPDX-License-Identifier: GPL-2.0

//! The values that a device's resources hold must not borrow: a BAR goes there by `into_devres`.

#![forbid(unsafe_code)]

use kernel::{
    device::Bound,
    devres::{self, Devres},
    pci,
    prelude::*,
};

pub fn hand_over(pdev: &pci::Device<Bound>) -> Result {
    let bar = pdev.iomap_region_sized::<0x10>(0, c"ui")?;
    #[cfg(not(any(reject, reject_2)))]
    let _ = (bar.into_devres()?, Devres::new(pdev.as_ref(), 3_u8)?);
    #[cfg(reject)]
    Devres::new(pdev.as_ref(), bar)?; //~ E0521
    #[cfg(reject_2)]
    devres::register(pdev.as_ref(), bar, GFP_KERNEL)?; //~2 E0521
    #[cfg(not(reject_2))]
    devres::register(pdev.as_ref(), 3_u8, GFP_KERNEL)?;
    Ok(())
}
