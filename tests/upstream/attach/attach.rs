// SPDX-License-Identifier: GPL-2.0

//! Scopes in both crates: an interrupt handler that borrows the driver's data, what ends in which
//! order, a handle that is dropped early, and an `attach` that fails.
//!
//! The device is QEMU's `edu`, which `driver_override` gives to this driver.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    io::{Io, register},
    irq::{Flags, Handler, IrqReturn, Registration},
    pci,
    prelude::*,
    scope::Scope,
    sync::atomic::{Atomic, Relaxed},
};

register! {
    PENDING(u32) @ 0x24 {
        31:0 bits;
    }

    RAISE(u32) @ 0x60 {
        31:0 bits;
    }

    ACKNOWLEDGE(u32) @ 0x64 {
        31:0 bits;
    }
}

static PROBES: Atomic<u32> = Atomic::new(0);

struct AttachTest;

struct Data<'bound> {
    pdev: &'bound pci::Device<Bound>,
    bar: pci::Bar<'bound, 0x68>,
    vectors: pci::IrqVectorRegistration<'bound>,
    seen: Atomic<u32>,
}

impl Data<'_> {
    /// Makes the device raise an interrupt, and waits for the handler.
    fn raise(&self) -> u32 {
        let before = self.seen.load(Relaxed);
        self.bar.write(RAISE, RAISE::from(1));
        for _ in 0..1_000_000 {
            if self.seen.load(Relaxed) != before {
                break;
            }
            let _ = self.bar.read(PENDING);
        }
        self.seen.load(Relaxed)
    }
}

impl Handler for Data<'_> {
    fn handle(&self) -> IrqReturn {
        let pending = self.bar.read(PENDING).into_raw();
        if pending == 0 {
            return IrqReturn::None;
        }
        self.bar.write(ACKNOWLEDGE, ACKNOWLEDGE::from(pending));
        self.seen.fetch_add(1, Relaxed);
        IrqReturn::Handled
    }
}

struct Shared<'x, 'bound>(&'x Data<'bound>);

impl Handler for Shared<'_, '_> {
    fn handle(&self) -> IrqReturn {
        self.0.handle()
    }
}

kernel::pci_device_table!(
    TABLE,
    (),
    [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 0x0005), ())]
);

impl pci::Driver for AttachTest {
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
            let bar = pdev.iomap_region_sized(0, c"attach")?;
            let vectors = pdev.alloc_irq_vectors(1, 1, pci::IrqTypes::all())?;
            let seen = Atomic::new(0);
            Ok(try_init!(Data {
                pdev,
                bar,
                vectors,
                seen
            }))
        })
    }

    fn attach<'bound, 'x>(
        pdev: &'bound pci::Device<Core<'_>>,
        data: Pin<&'x Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        let data = data.get_ref();
        scope.at_end(move || dev_info!(data.pdev, "the first entry ends last\n"))?;
        let request = || data.vectors.index(0).map(Into::into);
        Registration::new_in(scope, request()?, Flags::SHARED, c"attach", Shared(data))?.detach();
        scope.at_end(move || dev_info!(data.pdev, "{} in the end\n", data.raise()))?;
        let early = Registration::new_in(scope, request()?, Flags::SHARED, c"early", Shared(data))?;
        drop(early);
        dev_info!(pdev, "{} in attach\n", data.raise());
        if PROBES.fetch_add(1, Relaxed) == 0 {
            return Err(EAGAIN);
        }
        Ok(())
    }

    fn unbind<'bound>(pdev: &'bound pci::Device<Core<'_>>, data: Pin<&Data<'bound>>) {
        dev_info!(pdev, "{} in unbind\n", data.raise());
    }
}

impl Drop for Data<'_> {
    fn drop(&mut self) {
        self.bar.write(ACKNOWLEDGE, ACKNOWLEDGE::from(u32::MAX));
        dev_info!(self.pdev, "data dropped\n");
    }
}

kernel::module_pci_driver! {
    type: AttachTest,
    name: "attach",
    authors: ["The Lifebound developers"],
    description: "Tests scopes in both crates",
    license: "GPL",
}
