// SPDX-License-Identifier: GPL-2.0

//! The common part of the battery's drivers, whatever their bus; `battery` in this directory is the
//! guest's half. The driver for a bus says which hardware it holds, how to get it, and whether it
//! works:
//!
//! ```text
//! #[macro_use]
//! #[path = "../lib/battery.rs"]
//! mod battery;
//!
//! struct Hardware<'bound>(pci::Bar<'bound, 0x100>);
//!
//! impl battery::Hardware for Hardware<'_> {
//!     fn works(&self) -> bool { self.0.read32(0) == IDENTITY }
//! }
//!
//! // In the bus' `Driver`:
//! type Data<'bound> = battery::Data<Hardware<'bound>>;
//!
//! fn probe(..) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
//!     battery::data(pdev.as_ref(), move || Ok(Hardware(pdev.iomap_region_sized(0, c"name")?)))
//! }
//!
//! fn unbind(_pdev, data) { data.unbind() } // on USB: disconnect
//!
//! // In place of the bus' own macro:
//! battery_module!(module_pci_driver, TypeOfTheDriver, "name");
//! ```
//!
//! `works` is called while the data is dropped. The module of the driver has these parameters:
//!
//! - `fail`: the first six probes fail, each a step later than the one before it, see [`data`];
//! - `forget`: forget everything that the driver could drop, the hardware included;
//! - `quiet`: only print errors.

use kernel::{
    device::{Bound, Device},
    devres::{self, Devres},
    new_mutex,
    prelude::*,
    str::CString,
    sync::{
        Arc, Mutex,
        aref::ARef,
        atomic::{Atomic, Relaxed},
    },
};

use crate::module_parameters;

/// Makes the module: `battery_module!(module_pci_driver, TypeOfTheDriver, "name");`
macro_rules! battery_module {
    ($bus:ident, $driver:ident, $name:tt) => {
        kernel::$bus! {
            type: $driver,
            name: $name,
            authors: ["The Lifebound developers"],
            description: "A driver that watches how its bindings end",
            license: "GPL",
            params: {
                fail: bool {
                    default: false,
                    description: "Fail to probe, each time a step later",
                },
                forget: bool {
                    default: false,
                    description: "Forget all that can be forgotten",
                },
                quiet: bool {
                    default: false,
                    description: "Print what is wrong only",
                },
            },
        }
    };
}

/// The hardware that the driver for a bus holds of its device.
pub(crate) trait Hardware: Send {
    /// Returns whether the hardware can be used. `unbind` calls it, and so does the end of the
    /// data.
    fn works(&self) -> bool;
}

/// The steps that a binding has gone through.
struct Steps {
    /// The count is 0 while probing. Then it is one more than the number of steps of the binding's
    /// end that were taken.
    done: Atomic<u32>,
    name: CString,
}

// These are the steps of a binding's end, in order.
const UNBIND: u32 = 1;
const DATA: u32 = 2;
const FIRST: u32 = 3;
const HARDWARE: u32 = 4;
const LAST: u32 = 5;
const DEVRES: u32 = 6;

impl Steps {
    fn new(device: &Device<Bound>) -> Result<Arc<Self>> {
        let name = CString::try_from_fmt(fmt!("{}", device.name()))?;
        Ok(Arc::new(
            Self {
                done: Atomic::new(0),
                name,
            },
            GFP_KERNEL,
        )?)
    }

    /// Notes step `number` of a binding's end. A probe that fails takes some of the steps, in
    /// another order, which the guest compares.
    fn step(&self, number: u32, what: &str) {
        let done = self.done.load(Relaxed);
        if done != 0 {
            self.done.store(done.wrapping_add(1), Relaxed);
        }
        if done != number && (done != 0 || number <= DATA) {
            pr_err!("{}: OUT OF ORDER: {what} as step {done}\n", self.name);
        } else if !module_parameters::quiet.read() {
            pr_info!("{}: {what}\n", self.name);
        }
    }

    fn check(&self, hardware: &impl Hardware, when: &str) {
        if !hardware.works() {
            pr_err!("{}: NOT USABLE: {when}\n", self.name);
        }
    }
}

/// Reports, when it is dropped, that step `number` is done.
struct Tell {
    steps: Arc<Steps>,
    number: u32,
    what: &'static str,
}

impl Tell {
    fn new(steps: &Arc<Steps>, number: u32, what: &'static str) -> Self {
        Self {
            steps: steps.clone(),
            number,
            what,
        }
    }
}

impl Drop for Tell {
    fn drop(&mut self) {
        self.steps.step(self.number, self.what);
    }
}

/// The data of a battery's driver.
#[pin_data(PinnedDrop)]
pub(crate) struct Data<H: Hardware> {
    first: Tell,
    /// The hardware, or nothing if it was forgotten.
    hardware: Option<H>,
    after_hardware: Tell,
    last: Tell,
    steps: Arc<Steps>,
}

impl<H: Hardware> Data<H> {
    /// Notes the step of `unbind`. The driver's `unbind` must call it.
    pub(crate) fn unbind(&self) {
        self.steps.step(UNBIND, "unbind");
        if let Some(hardware) = &self.hardware {
            self.steps.check(hardware, "in unbind");
        }
    }
}

#[pinned_drop]
impl<H: Hardware> PinnedDrop for Data<H> {
    fn drop(self: Pin<&mut Self>) {
        self.steps.step(DATA, "data dropped");
        if let Some(hardware) = &self.hardware {
            self.steps.check(hardware, "as the data is dropped");
        }
    }
}

/// The number of probes so far, of all devices.
static PROBES: Atomic<u32> = Atomic::new(0);

/// Fails if this is the step at which to fail.
fn at(step: u32) -> Result {
    if module_parameters::fail.read() && PROBES.load(Relaxed) == step {
        Err(EIO)
    } else {
        Ok(())
    }
}

/// Builds the data around the hardware that `acquire` gets. With the parameter `fail`, the first
/// six probes stop at these points:
///
/// 1. before the probe has done anything,
/// 2. with a managed resource, before the hardware,
/// 3. with the hardware, before the data,
/// 4. after the data's first field,
/// 5. after the hardware is in its field,
/// 6. after all fields.
pub(crate) fn data<'a, H: Hardware + 'a>(
    device: &'a Device<Bound>,
    acquire: impl FnOnce() -> Result<H> + 'a,
) -> impl PinInit<Data<H>, Error> + 'a {
    pin_init::pin_init_scope(move || {
        PROBES.fetch_add(1, Relaxed);
        at(1)?;
        let steps = Steps::new(device)?;
        let released = Tell::new(&steps, DEVRES, "devres released");
        devres::register(device, released, GFP_KERNEL)?;
        if module_parameters::forget.read() {
            forget(device)?;
        }
        at(2)?;
        let hardware = acquire()?;
        at(3)?;
        Ok(try_pin_init!(Data {
            steps: steps.clone(),
            first: Tell::new(&steps, FIRST, "first dropped"),
            after_hardware: {
                at(4)?;
                Tell::new(&steps, HARDWARE, "hardware dropped")
            },
            hardware: kept(hardware),
            last: {
                at(5)?;
                Tell::new(&steps, LAST, "last dropped")
            },
            _: {
                at(6)?;
                steps.done.store(1, Relaxed);
            },
        }))
    })
}

/// Returns the hardware, unless everything is to be forgotten.
fn kept<H>(hardware: H) -> Option<H> {
    if module_parameters::forget.read() {
        core::mem::forget(hardware);
        None
    } else {
        Some(hardware)
    }
}

/// A value that owns itself.
#[pin_data]
struct Circle {
    #[pin]
    itself: Mutex<Option<Arc<Circle>>>,
}

/// Forgets one value of each type that any driver can have.
fn forget(device: &Device<Bound>) -> Result {
    let circle = Arc::pin_init(
        try_pin_init!(Circle { itself <- new_mutex!(None) }? Error),
        GFP_KERNEL,
    )?;
    *circle.itself.lock() = Some(circle.clone());
    core::mem::forget(Devres::new(device, circle)?);
    core::mem::forget(KBox::new(0_u32, GFP_KERNEL)?);
    core::mem::forget(ARef::<Device>::from(device));
    Ok(())
}
