// SPDX-License-Identifier: GPL-2.0

//! Watches the order in which a binding of QEMU's `edu` device ends: `unbind`, data, managed resources. See `boot`
//! beside it.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    devres,
    io::Io,
    pci,
    prelude::*,
    str::CString,
    sync::{
        Arc,
        atomic::{Atomic, Relaxed},
    },
};

/// What `edu` has in its first register.
const IDENTITY: u32 = 0x0100_00ed;

/// The steps that a binding has gone through.
struct Steps {
    done: Atomic<u32>,
    name: CString,
}

impl Steps {
    /// Notes step `number`, which has to come after exactly `number` others.
    fn step(&self, number: u32, what: &str) {
        let before = self.done.fetch_add(1, Relaxed);
        if before != number {
            pr_err!("{}: OUT OF ORDER: {what} as step {before}\n", self.name);
        } else if !module_parameters::quiet.read() {
            pr_info!("{}: {what}\n", self.name);
        }
    }
}

/// A managed resource: released last.
struct Released(Arc<Steps>);

impl Drop for Released {
    fn drop(&mut self) {
        self.0.step(2, "devres released");
    }
}

struct Data<'bound> {
    pdev: &'bound pci::Device<Bound>,
    bar: pci::Bar<'bound, 0x100>,
    steps: Arc<Steps>,
}

impl Drop for Data<'_> {
    fn drop(&mut self) {
        self.steps.step(1, "data dropped");
        let identity = self.bar.read32(0);
        let command = self.pdev.config_space().read16(4);
        if identity != IDENTITY || command & 2 == 0 {
            pr_err!(
                "{}: NOT USABLE: register {identity:#x}, command {command:#x}\n",
                self.steps.name
            );
        }
    }
}

struct Order;

kernel::pci_device_table!(
    TABLE,
    (),
    [(
        pci::DeviceId::from_id(pci::Vendor::from_raw(0x1234), 0x11e8),
        ()
    )]
);

impl pci::Driver for Order {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            let name = CString::try_from_fmt(fmt!("{}", pdev.as_ref().name()))?;
            let steps = Arc::new(
                Steps {
                    done: Atomic::new(0),
                    name,
                },
                GFP_KERNEL,
            )?;
            devres::register::<_, Error>(pdev.as_ref(), Released(steps.clone()), GFP_KERNEL)?;
            pdev.enable_device_mem()?;
            let bar = pdev.iomap_region_sized(0, c"pci_order")?;
            Ok(Data { pdev, bar, steps })
        })
    }

    fn unbind<'bound>(_pdev: &'bound pci::Device<Core<'_>>, data: Pin<&Data<'bound>>) {
        data.steps.step(0, "unbind");
    }
}

kernel::module_driver!(<T>, pci::Adapter<T>, {
    type: Order,
    name: "pci_order",
    authors: ["The Lifebound developers"],
    description: "Watches the order in which a binding ends",
    license: "GPL",
    params: {
        quiet: bool {
            default: false,
            description: "Print what is out of order only",
        },
    },
});
