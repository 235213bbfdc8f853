// SPDX-License-Identifier: GPL-2.0

//! Driver for Arm Mali GPUs with a command stream frontend. It owns the hardware, reports it, and
//! carries the next layer as a child. There is no firmware and no interface for programs yet.
//!
//! The registers belong to the driver's data, and are lent to the parts that use them:
//!
//! | part | borrows | ends |
//! |---|---|---|
//! | interrupt handler, child, files | the data | with the scope, the newest first |
//! | [`gpu`] | the registers | before its supplies: it takes the power from the cache |
//! | [`supplies`] | nothing | before the registers, in reverse order |
//! | [`regs`] | the device | last |
//!
//! `tests/boot/tyr_model` has a model of the hardware.

#![forbid(unsafe_code)]

use kernel::{
    InPlaceModule, auxiliary,
    debugfs::{Dir, Tree},
    device::Core,
    dma::Device as _,
    driver,
    irq::{Flags, Registration},
    new_mutex, of, platform,
    prelude::*,
    scope::Scope,
    str::CString,
    sync::{
        Mutex,
        atomic::{Atomic, Relaxed},
    },
    time::Delta,
    types::{CovariantForLt, Nest},
};

mod gpu;
mod info;
mod layer;
mod regs;
mod supplies;

use gpu::{Events, Gpu};
use info::Info;
use regs::Registers;
use supplies::Supplies;

/// The time without use after which the GPU is suspended.
const IDLE: Delta = Delta::from_millis(50);

/// The parts of the driver that use the registers. Fields are dropped in this order.
#[pin_data]
pub(crate) struct Parts<'x> {
    #[pin]
    gpu: Gpu<'x>,
    /// Whoever starts or stops the GPU holds this lock.
    #[pin]
    supplies: Mutex<Supplies>,
    info: Info,
}

/// A GPU, as long as it is bound.
#[pin_data]
pub(crate) struct Tyr<'bound> {
    /// The registers, and what borrows them.
    #[pin]
    nest: Nest<Registers<'bound>, CovariantForLt!(Parts<'_>)>,
    /// A part of the name of the child.
    number: u32,
}

/// The number of the next GPU, for the name of its child.
static NUMBER: Atomic<u32> = Atomic::new(0);

impl<'bound> Tyr<'bound> {
    fn new<'c>(
        pdev: &'bound platform::Device<Core<'c>>,
    ) -> Result<impl PinInit<Self, Error> + use<'bound, 'c>> {
        let request = pdev.io_request_by_index(0).ok_or(ENXIO)?;
        let registers: Registers<'_> = request.iomap_exclusive_sized()?;
        Ok(try_pin_init!(Self {
            nest <- Nest::new::<Error, _>(registers, |registers, slot| {
                let registers = registers.get_ref();
                let supplies = Supplies::new(pdev.as_ref())?;
                let info = Info::read(pdev.as_ref(), registers)?;
                let mask = info.dma_mask(pdev.as_ref())?;
                pdev.dma_set_mask_and_coherent(mask)?;
                dev_info!(pdev, "{info}");
                slot.fill(try_pin_init!(Parts {
                    gpu <- Gpu::new(pdev.as_ref(), registers, info.l2_present),
                    supplies <- new_mutex!(supplies, "tyr_supplies"),
                    info,
                }))
            }),
            number: NUMBER.fetch_add(1, Relaxed),
        }))
    }
}

impl Tyr<'_> {
    fn parts(&self) -> &Parts<'_> {
        self.nest.dependant().get_ref()
    }

    /// Nobody uses the GPU: it is stopped, and gives back what it needs to run.
    ///
    /// # Errors
    ///
    /// `EBUSY` if it cannot. The GPU runs on then, and C tries again after the next use.
    fn suspend(&self) -> Result {
        let parts = self.parts();
        let mut supplies = parts.supplies.lock();
        parts.gpu.stop();
        supplies.off().map_err(|_| {
            // If it does not start, it is left alone until it is resumed.
            let _ = parts.gpu.start();
            EBUSY
        })
    }

    /// Somebody uses the GPU.
    fn resume(&self) -> Result {
        let parts = self.parts();
        let mut supplies = parts.supplies.lock();
        supplies.on()?;
        parts.gpu.start().inspect_err(|_| {
            let _ = supplies.off();
        })
    }
}

struct Driver;

kernel::of_device_table!(
    OF_TABLE,
    (),
    [
        (of::DeviceId::new(c"rockchip,rk3588-mali"), ()),
        (of::DeviceId::new(c"arm,mali-valhall-csf"), ())
    ]
);
kernel::platform_device_table!(
    NAME_TABLE,
    (),
    [(platform::DeviceId::new(c"mali-valhall-csf"), ())]
);

impl platform::Driver for Driver {
    type IdInfo = ();
    type Data<'bound> = Tyr<'bound>;
    const OF_ID_TABLE: Option<of::IdTable<()>> = Some(&OF_TABLE);
    const ID_TABLE: Option<platform::IdTable<()>> = Some(&NAME_TABLE);
    const PM: platform::PmCallbacks<Self> = platform::PmCallbacks::<Self>::NONE
        .runtime_suspend(|_, tyr| tyr.suspend())
        .runtime_resume(|_, tyr| tyr.resume());

    fn probe<'bound>(
        pdev: &'bound platform::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Tyr<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || Tyr::new(pdev))
    }

    /// From here on, the GPU is used. First its events are heard, then it is started.
    fn attach<'bound, 'x>(
        pdev: &'bound platform::Device<Core<'_>>,
        data: Pin<&'x Tyr<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        let tyr = data.get_ref();
        let parts = tyr.parts();
        match pdev.optional_irq_by_name(c"gpu") {
            Ok(request) => {
                let events = Events::new(&parts.gpu);
                Registration::<Events<'_>>::new_in(scope, request, Flags::SHARED, c"tyr", events)?
                    .detach();
                gpu::has_irq(&parts.gpu);
            }
            Err(error) if error == ENXIO => dev_info!(pdev, "no interrupt: events are polled\n"),
            Err(error) => return Err(error),
        }
        parts.gpu.start()?;
        scope.at_end(|| parts.gpu.stop())?;

        let name = CString::try_from_fmt(fmt!("{}", pdev.as_ref().name()))?;
        Tree::new(scope, Some(&Dir::shared(c"tyr")), &name, tyr, |tyr, dir| {
            let parts = tyr.parts();
            dir.read_only_file(c"info", &parts.info);
            dir.read_only_file(c"interrupts", &parts.gpu.interrupts);
            dir.read_only_file(c"starts", &parts.gpu.starts);
            dir.read_callback_file(c"status", &parts.gpu, &show_status);
        })?
        .detach();
        layer::add(scope, tyr.number, parts)?;
        pdev.allow_runtime_suspend(Some(IDLE))
    }
}

/// Shows the GPU's status, for which it is woken.
fn show_status(gpu: &Gpu<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match gpu.status() {
        Ok(status) => writeln!(f, "{status:#x}"),
        Err(error) => writeln!(f, "no power: {error:?}"),
    }
}

#[pin_data]
struct Module {
    #[pin]
    layer: driver::Registration<auxiliary::Adapter<layer::Csf>>,
    #[pin]
    gpu: driver::Registration<platform::Adapter<Driver>>,
}

impl InPlaceModule for Module {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            layer <- driver::Registration::new(c"tyr_csf", module),
            gpu <- driver::Registration::new(c"tyr", module),
        })
    }
}

module! {
    type: Module,
    name: "tyr",
    authors: ["The Lifebound developers"],
    description: "Driver for Arm Mali GPUs with a command stream frontend",
    license: "GPL",
}
