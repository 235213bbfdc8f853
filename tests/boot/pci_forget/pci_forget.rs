// SPDX-License-Identifier: GPL-2.0

//! A driver that forgets, as its parameter says, each kind of value that it can get hold of. See
//! `boot` in this directory.

#![forbid(unsafe_code)]

use core::mem::forget;

use kernel::{
    device::{Bound, Core, Device},
    devres::{self, Devres},
    driver,
    io::Io,
    new_mutex, pci,
    prelude::*,
    revocable::Revocable,
    str::CString,
    sync::{Arc, Mutex, aref::ARef},
    types::ScopeGuard,
};

type Bar<'a> = pci::Bar<'a, 0x10>;

/// A value that must never be dropped: it would use the BAR, which by then is gone.
struct Late<'bound> {
    pdev: &'bound pci::Device<Bound>,
    bar: Bar<'bound>,
}

impl Drop for Late<'_> {
    fn drop(&mut self) {
        dev_info!(self.pdev, "register {:#x}\n", self.bar.read8(0));
    }
}

/// Reports when it is dropped.
struct Tell(&'static str);

impl Drop for Tell {
    fn drop(&mut self) {
        pr_info!("dropped {}\n", self.0);
    }
}

/// A value that owns itself, and with itself a value that borrows from the binding.
#[pin_data]
struct Knot<'bound> {
    #[pin]
    itself: Mutex<Option<Arc<Knot<'bound>>>>,
    late: Late<'bound>,
}

/// The values that stay in the driver's data: all that `unbind` can forget.
struct Data<'bound> {
    pdev: &'bound pci::Device<Bound>,
    knot: Option<Arc<Knot<'bound>>>,
    shared: Option<Arc<pci::DevresBar<0x10>>>,
}

struct Forgetful;

kernel::pci_device_table!(
    TABLE,
    (),
    [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 0x0005), ())]
);

/// A second driver of the module, for a device that exists only once it is given to the driver by
/// name.
struct Second;

kernel::pci_device_table!(
    SECOND,
    (),
    [(pci::DeviceId::from_id(pci::Vendor::INTEL, 0x0001), ())]
);

impl pci::Driver for Second {
    type IdInfo = ();
    type Data<'bound> = Tell;
    const ID_TABLE: pci::IdTable<()> = &SECOND;

    fn probe<'bound>(
        _pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Tell, Error> + 'bound {
        pin_init::pin_init_scope(|| Ok(Tell("second driver's data")))
    }

    fn unbind<'bound>(pdev: &'bound pci::Device<Core<'_>>, _data: Pin<&Tell>) {
        dev_info!(pdev, "second driver unbound\n");
    }
}

fn late<'bound>(pdev: &'bound pci::Device<Bound>) -> Result<Late<'bound>> {
    let bar = pdev.iomap_region_sized(0, c"pci_forget")?;
    Ok(Late { pdev, bar })
}

fn knot<'bound>(pdev: &'bound pci::Device<Bound>) -> Result<Arc<Knot<'bound>>> {
    let late = late(pdev)?;
    let knot = Arc::pin_init(
        try_pin_init!(Knot { itself <- new_mutex!(None), late }? Error),
        GFP_KERNEL,
    )?;
    *knot.itself.lock() = Some(knot.clone());
    Ok(knot)
}

/// Forgets value number `which`, and leaves others for `unbind` to forget.
fn forget_one<'bound>(
    pdev: &'bound pci::Device<Core<'_>>,
    which: u32,
    data: &mut Data<'bound>,
) -> Result {
    let device: &'bound Device<Bound> = pdev.as_ref();
    match which {
        1 => forget(pdev.iomap_region_sized::<0x10>(0, c"pci_forget")?),
        2 => {
            let bar: Bar<'_> = pdev.iomap_region_sized(0, c"pci_forget")?;
            forget(bar.into_devres()?);
        }
        3 => {
            let bar: Bar<'_> = pdev.iomap_region_sized(0, c"pci_forget")?;
            data.shared = Some(Arc::new(bar.into_devres()?, GFP_KERNEL)?);
        }
        4 => forget(Devres::new(device, Tell("devres"))?),
        5 => forget(Devres::new(
            device,
            KBox::new(Tell("boxed devres"), GFP_KERNEL)?,
        )?),
        6 => devres::register(device, Tell("registered"), GFP_KERNEL)?,
        7 => forget(knot(pdev)?),
        8 => data.knot = Some(knot(pdev)?),
        9 => forget(KBox::new(late(pdev)?, GFP_KERNEL)?),
        10 => {
            let _leaked: &mut Late<'_> = KBox::leak(KBox::new(late(pdev)?, GFP_KERNEL)?);
        }
        11 => forget(KBox::new(pdev.config_space(), GFP_KERNEL)?),
        12 => forget(ARef::<Device>::from(device)),
        13 => {
            let late = late(pdev)?;
            forget(ScopeGuard::new(move || drop(late)));
        }
        14 => {
            let late = late(pdev)?;
            // This initialiser never runs.
            forget(try_pin_init!(Knot { itself <- new_mutex!(None), late }? Error));
        }
        15 => {
            let late = late(pdev)?;
            forget(KBox::pin_init(Revocable::new(late), GFP_KERNEL)?);
        }
        16 => {
            forget(CString::try_from_fmt(fmt!("forgotten"))?);
            let mut all = KVec::new();
            all.push(late(pdev)?, GFP_KERNEL)?;
            forget(all);
        }
        _ => {}
    }
    Ok(())
}

impl pci::Driver for Forgetful {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            pdev.enable_device_mem()?;
            pdev.set_master();
            let mut data = Data {
                pdev,
                knot: None,
                shared: None,
            };
            forget_one(pdev, module_parameters::which.read(), &mut data)?;
            if module_parameters::fail.read() {
                return Err(EIO);
            }
            Ok(data)
        })
    }

    fn unbind<'bound>(pdev: &'bound pci::Device<Core<'_>>, data: Pin<&Data<'bound>>) {
        dev_info!(pdev, "unbind\n");
        if let Some(knot) = &data.knot {
            forget(knot.clone());
        }
        if let Some(shared) = &data.shared {
            forget(shared.clone());
        }
    }
}

impl Drop for Data<'_> {
    fn drop(&mut self) {
        if let Some(knot) = &self.knot {
            dev_info!(self.pdev, "tied, {:#x}\n", knot.late.bar.read8(0));
        }
        dev_info!(self.pdev, "data dropped\n");
    }
}

/// The module forgets the registration of the one driver and keeps that of the other.
#[pin_data]
struct Module {
    #[pin]
    _kept: driver::Registration<pci::Adapter<Forgetful>>,
}

impl kernel::InPlaceModule for Module {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(move || {
            type Registration = driver::Registration<pci::Adapter<Second>>;
            let second = Registration::new(c"pci_forget_second", module);
            forget(KBox::pin_init(second, GFP_KERNEL)?);
            Ok(try_pin_init!(Self {
                _kept <- driver::Registration::new(c"pci_forget", module),
            }))
        })
    }
}

module! {
    type: Module,
    name: "pci_forget",
    authors: ["The Lifebound developers"],
    description: "Forgets what a PCI driver can forget",
    license: "GPL",
    params: {
        which: u32 {
            default: 0,
            description: "Number of what is forgotten",
        },
        fail: bool {
            default: false,
            description: "Fail to probe, having forgotten it",
        },
    },
}
