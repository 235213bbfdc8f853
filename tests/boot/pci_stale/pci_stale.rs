// SPDX-License-Identifier: GPL-2.0

//! Keeps a `Devres` past the binding that it was attached to, and accesses it when the device is
//! bound again. Another `Devres` owns itself in a circle. See `boot` in this directory.
//!
//! `unsafe` here stands for a lock in a static, which the crate does not have yet, and around a
//! method that is unsafe in Linux 7.3.

use kernel::{
    device::{Bound, Core},
    devres::Devres,
    dma::{Device as _, DmaMask},
    new_mutex, pci,
    prelude::*,
    sync::{Arc, Mutex},
};

struct Tell(&'static str);

impl Drop for Tell {
    fn drop(&mut self) {
        pr_info!("dropped {}\n", self.0);
    }
}

#[pin_data]
struct Circle {
    #[pin]
    itself: Mutex<Option<Arc<Devres<Circle>>>>,
    _tell: Tell,
}

static mut KEPT: Option<Devres<Tell>> = None;

struct Stale;

kernel::pci_device_table!(
    TABLE,
    (),
    [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 0x0005), ())]
);

fn ask(pdev: &pci::Device<Bound>) -> Result {
    // SAFETY: the reference requires that nobody else uses `KEPT`; there is one device, and the
    // driver core calls `probe` for it under its lock.
    let kept = unsafe { &mut *(&raw mut KEPT) };
    match kept {
        Some(kept) => {
            let bound = kept.access(pdev.as_ref()).map(|tell| tell.0);
            let any = kept.try_access().map(|tell| tell.0);
            dev_info!(pdev, "kept: {:?} {:?}\n", bound, any);
        }
        None => *kept = Some(Devres::new(pdev.as_ref(), Tell("kept"))?),
    }
    Ok(())
}

impl pci::Driver for Stale {
    type IdInfo = ();
    type Data<'bound> = Tell;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Tell, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            let mask = DmaMask::new::<32>();
            // SAFETY: Linux 7.3 requires that there are no allocations yet; there are none. Here
            // the method is safe, and the block is no warning.
            unsafe { pdev.dma_set_mask_and_coherent(mask)? };
            ask(pdev)?;
            let circle = Arc::new(
                Devres::new(
                    pdev.as_ref(),
                    try_pin_init!(Circle {
                        itself <- new_mutex!(None),
                        _tell: Tell("circle"),
                    }),
                )?,
                GFP_KERNEL,
            )?;
            if let Ok(inner) = circle.access(pdev.as_ref()) {
                *inner.itself.lock() = Some(circle.clone());
            }
            Ok(Tell("data"))
        })
    }
}

kernel::module_pci_driver! {
    type: Stale,
    name: "pci_stale",
    authors: ["The Lifebound developers"],
    description: "Keeps resources past their binding",
    license: "GPL",
}
