// SPDX-License-Identifier: GPL-2.0

//! Driver for NVIDIA's GPUs from Turing to Blackwell: the layer that owns the hardware.
//!
//! The driver finds out which chip a device is, waits for its firmware, and gives it a flush page.
//! It offers what it has found in `/sys/kernel/debug/nova/`, and carries the next layer as a child
//! on the auxiliary bus. It starts no firmware yet. `Documentation/gpu.md` shows who owns what.
//!
//! QEMU has no such device; the tests bring a model of it. To run it: `make run SAMPLE=nova`.

#![forbid(unsafe_code)]

use kernel::{
    InPlaceModule, auxiliary,
    device::Core,
    driver, pci,
    prelude::*,
    scope::Scope,
    types::{CovariantForLt, Nest},
};

mod chip;
mod firmware;
mod flush;
mod gpu;
mod layer;
mod memory;
mod regs;
mod report;

use gpu::Gpu;
use regs::Bar0;

struct Driver;

/// VGA controllers, and 3D controllers, which have no display.
const fn display(class: pci::Class) -> pci::DeviceId {
    pci::DeviceId::from_class_and_vendor(class, pci::ClassMask::ClassSubclass, pci::Vendor::NVIDIA)
}

kernel::pci_device_table!(
    TABLE,
    (),
    [
        (display(pci::Class::DISPLAY_VGA), ()),
        (display(pci::Class::DISPLAY_3D), ())
    ]
);

impl pci::Driver for Driver {
    type IdInfo = ();
    /// BAR 0, and the GPU that borrows it and is dropped before it.
    type Data<'bound> = Nest<Bar0<'bound>, CovariantForLt!(Gpu<'_>)>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            pdev.enable_device_mem()?;
            let bar: Bar0<'bound> = pdev.iomap_region_sized(0, c"nova")?;
            Ok(Nest::new(bar, move |bar, slot| {
                slot.fill::<Error, _>(Gpu::new(pdev, bar.get_ref())?)
            }))
        })
    }

    /// The GPU is in service. What borrows it here ends before it, the newest first.
    fn attach<'bound, 'x>(
        pdev: &'bound pci::Device<Core<'_>>,
        data: Pin<&'x Self::Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        let gpu = data.get_ref().dependant().get_ref();
        report::add(pdev, gpu, scope)?;
        layer::add(gpu, scope)
    }
}

#[pin_data]
struct Nova {
    #[pin]
    layers: driver::Registration<auxiliary::Adapter<layer::Driver>>,
    #[pin]
    gpus: driver::Registration<pci::Adapter<Driver>>,
}

impl InPlaceModule for Nova {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            layers <- driver::Registration::new(c"nova_drm", module),
            gpus <- driver::Registration::new(c"nova", module),
        })
    }
}

module! {
    type: Nova,
    name: "nova",
    authors: ["The Lifebound developers"],
    description: "Driver for NVIDIA's GPUs from Turing on",
    license: "GPL",
}
