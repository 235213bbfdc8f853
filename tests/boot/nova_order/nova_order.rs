// SPDX-License-Identifier: GPL-2.0

//! The battery with the GPU of `drivers/gpu/nova` as the hardware: its sources, without the module
//! around them. See `boot` in this directory.

#![forbid(unsafe_code)]

use kernel::{
    device::Core,
    pci,
    prelude::*,
    types::{CovariantForLt, Nest},
};

#[macro_use]
#[path = "../lib/battery.rs"]
mod battery;

#[expect(
    dead_code,
    reason = "the driver shows it, and this module has no files"
)]
#[path = "../../../drivers/gpu/nova/chip.rs"]
mod chip;
#[path = "../../../drivers/gpu/nova/firmware.rs"]
mod firmware;
#[path = "../../../drivers/gpu/nova/flush.rs"]
mod flush;
#[expect(
    dead_code,
    reason = "the driver shows it, and this module has no files"
)]
#[path = "../../../drivers/gpu/nova/gpu.rs"]
mod gpu;
#[path = "../../../drivers/gpu/nova/memory.rs"]
mod memory;
#[path = "../../../drivers/gpu/nova/regs.rs"]
mod regs;

use gpu::Gpu;
use regs::Bar0;

/// BAR 0, and the GPU that borrows it.
type Owner<'bound> = Nest<Bar0<'bound>, CovariantForLt!(Gpu<'_>)>;

struct Hardware<'bound>(Pin<KBox<Owner<'bound>>>);

impl battery::Hardware for Hardware<'_> {
    fn works(&self) -> bool {
        self.0.dependant().is_there()
    }
}

struct Order;

/// The classes of the model's devices.
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

impl pci::Driver for Order {
    type IdInfo = ();
    type Data<'bound> = battery::Data<Hardware<'bound>>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        battery::data(pdev.as_ref(), move || {
            pdev.enable_device_mem()?;
            let bar: Bar0<'bound> = pdev.iomap_region_sized(0, c"nova_order")?;
            let nest = Owner::new(bar, move |bar, slot| {
                slot.fill::<Error, _>(Gpu::new(pdev, bar.get_ref())?)
            });
            Ok(Hardware(KBox::pin_init::<Error>(nest, GFP_KERNEL)?))
        })
    }

    fn unbind<'bound>(_pdev: &'bound pci::Device<Core<'_>>, data: Pin<&Self::Data<'bound>>) {
        data.unbind();
    }
}

battery_module!(module_pci_driver, Order, "nova_order");
