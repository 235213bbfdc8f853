// SPDX-License-Identifier: GPL-2.0

//! The interrupt of a platform device, found by index and by name. See `boot` in this directory.
//!
//! The device is a serial port whose transmitter is always ready. The guest makes the host write
//! the ports, since the kernel's own driver has claimed them.

#![forbid(unsafe_code)]

use core::sync::atomic::{AtomicU32, Ordering};

use kernel::{
    acpi,
    device::{Bound, Core},
    irq::{
        Flags, Handler, IrqReturn, Registration, ThreadedHandler, ThreadedIrqReturn,
        ThreadedRegistration,
    },
    platform,
    prelude::*,
    scope::Scope,
};

struct PlatformIrq;

/// A resource without a name has the name of the device.
const OWN_NAME: &CStr = c"LIFE0006:00";

kernel::acpi_device_table!(TABLE, (), [(acpi::DeviceId::new(c"LIFE0006"), ())]);

struct Data<'bound> {
    pdev: &'bound platform::Device<Bound>,
    first: AtomicU32,
    second: AtomicU32,
}

impl Drop for Data<'_> {
    fn drop(&mut self) {
        let (first, second) = (self.first.get_mut(), self.second.get_mut());
        dev_info!(self.pdev, "data dropped: {first} first, {second} second\n");
    }
}

/// Borrows the driver's data.
struct Count<'x>(&'x Data<'x>);

impl Handler for Count<'_> {
    fn handle(&self) -> IrqReturn {
        self.0.first.fetch_add(1, Ordering::Relaxed);
        IrqReturn::Handled
    }
}

impl ThreadedHandler for Count<'_> {
    fn handle(&self) -> ThreadedIrqReturn {
        self.0.first.fetch_add(1, Ordering::Relaxed);
        ThreadedIrqReturn::WakeThread
    }

    fn handle_threaded(&self) -> IrqReturn {
        self.0.second.fetch_add(1, Ordering::Relaxed);
        IrqReturn::Handled
    }
}

/// Checks that a look-up fails.
fn absent<T>(pdev: &platform::Device<Bound>, what: &str, result: Result<T>) {
    dev_info!(pdev, "{what}: {:?}\n", result.err());
}

impl platform::Driver for PlatformIrq {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ACPI_ID_TABLE: Option<acpi::IdTable<()>> = Some(&TABLE);

    fn probe<'bound>(
        pdev: &'bound platform::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        Ok(Data {
            pdev,
            first: AtomicU32::new(0),
            second: AtomicU32::new(0),
        })
    }

    fn attach<'bound, 'x>(
        pdev: &'bound platform::Device<Core<'_>>,
        data: Pin<&'x Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        absent(pdev, "second", pdev.irq_by_index(1));
        absent(pdev, "too large", pdev.optional_irq_by_index(u32::MAX));
        absent(pdev, "other name", pdev.irq_by_name(c"receiver"));
        absent(pdev, "optional", pdev.optional_irq_by_name(c"receiver"));
        let (flags, name) = (Flags::TRIGGER_NONE, c"platform_irq");
        let count = Count(data.get_ref());
        if module_parameters::threaded.read() {
            let request = pdev.irq_by_name(OWN_NAME)?;
            ThreadedRegistration::new_in(scope, request, flags, name, count)?.detach();
        } else {
            let request = pdev.irq_by_index(0)?;
            let registration = Registration::new_in(scope, request, flags, name, count)?;
            // This interrupt is not shared.
            let again = pdev.irq_by_name(OWN_NAME)?;
            let count = Count(data.get_ref());
            let again = Registration::new_in(scope, again, flags, name, count);
            absent(pdev, "taken", again);
            core::mem::forget(registration);
        }
        Ok(())
    }
}

kernel::module_platform_driver! {
    type: PlatformIrq,
    name: "platform_irq",
    authors: ["The Lifebound developers"],
    description: "Counts interrupts of a platform device",
    license: "GPL",
    params: {
        threaded: bool {
            default: false,
            description: "handle interrupts in a thread",
        },
    },
}
