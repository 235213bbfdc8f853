// SPDX-License-Identifier: GPL-2.0

//! Interrupts of QEMU's `edu`: by line and by message, in one part and in two, given up in all
//! ways. See `boot` in this directory.

#![forbid(unsafe_code)]

use core::sync::atomic::{AtomicU32, Ordering};

use kernel::{
    device::{Bound, Core},
    io::{Io, poll::read_poll_timeout},
    irq::{
        Flags, Handler, IrqRequest, IrqReturn, Registration, ThreadedHandler, ThreadedIrqReturn,
        ThreadedRegistration,
    },
    pci::{self, IrqType, IrqTypes},
    prelude::*,
    scope::Scope,
    time::{Delta, delay::fsleep},
};

kernel::io::register! {
    /// Registers that show which interrupts are raised, raise some, and acknowledge some.
    PENDING(u32) @ 0x24 { 31:0 bits; }
    RAISE(u32) @ 0x60 { 31:0 bits; }
    ACKNOWLEDGE(u32) @ 0x64 { 31:0 bits; }
}

type Registers<'a> = pci::Bar<'a, 0xa0>;

fn say<T, E: Into<Error>>(pdev: &pci::Device<Bound>, what: &str, result: Result<T, E>) {
    match result {
        Ok(_) => dev_info!(pdev, "{what}: accepted\n"),
        Err(error) => dev_info!(pdev, "{what}: {:?}\n", error.into()),
    }
}

fn check(pdev: &pci::Device<Bound>, what: &str, good: bool) -> Result {
    dev_info!(pdev, "{what}: {}\n", if good { "right" } else { "WRONG" });
    if good { Ok(()) } else { Err(EIO) }
}

fn raise(registers: &Registers<'_>, bits: u32) {
    registers.write(RAISE, RAISE::from(bits));
}

/// The number of interrupts that a handler raises before it waits until another caller raises one.
const BURST: u32 = 64;

/// Counts interrupts of the device.
struct Counter<'a> {
    registers: &'a Registers<'a>,
    data: &'a Data<'a>,
    name: &'static str,
    /// Whether the device continues to raise interrupts.
    again: bool,
}

impl Counter<'_> {
    fn acknowledge(&self) -> bool {
        let pending = self.registers.read(PENDING);
        let bits = pending.bits().get();
        // All bits are set if the device is gone.
        if bits == 0 || bits == u32::MAX {
            return false;
        }
        self.registers.write(ACKNOWLEDGE, ACKNOWLEDGE::from(bits));
        true
    }

    fn count(&self) {
        let seen = self.data.seen.fetch_add(1, Ordering::Relaxed) + 1;
        // The burst ends at some point: an emulated processor would do nothing else.
        if self.again && !seen.is_multiple_of(BURST) {
            raise(self.registers, 1);
        }
    }
}

impl Drop for Counter<'_> {
    fn drop(&mut self) {
        // The data that the handler borrows still exist.
        if self.data.alive.load(Ordering::Relaxed) != ALIVE {
            pr_err!("pci_irq: OUT OF ORDER\n");
        }
        if !module_parameters::quiet.read() {
            pr_info!("pci_irq: {} dropped\n", self.name);
        }
    }
}

impl Handler for Counter<'_> {
    fn handle(&self) -> IrqReturn {
        if !self.acknowledge() {
            return IrqReturn::None;
        }
        self.count();
        IrqReturn::Handled
    }
}

impl ThreadedHandler for Counter<'_> {
    fn handle(&self) -> ThreadedIrqReturn {
        if self.acknowledge() {
            ThreadedIrqReturn::WakeThread
        } else {
            ThreadedIrqReturn::None
        }
    }

    fn handle_threaded(&self) -> IrqReturn {
        fsleep(Delta::from_millis(1));
        self.count();
        IrqReturn::Handled
    }
}

/// A handler that borrows nothing, and is never called for an interrupt of its own.
struct Nothing;

impl Handler for Nothing {
    fn handle(&self) -> IrqReturn {
        IrqReturn::None
    }
}

const ALIVE: u32 = 0x600d_600d;

struct Data<'bound> {
    alive: AtomicU32,
    seen: AtomicU32,
    pdev: &'bound pci::Device<Bound>,
    registers: Registers<'bound>,
    vectors: pci::IrqVectorRegistration<'bound>,
    _master: pci::BusMaster<'bound>,
}

impl Drop for Data<'_> {
    fn drop(&mut self) {
        self.alive.store(0, Ordering::Relaxed);
        if module_parameters::mode.read() != 6 {
            raise(&self.registers, 8);
        }
        self.registers
            .write(ACKNOWLEDGE, ACKNOWLEDGE::from(u32::MAX));
        if !module_parameters::quiet.read() {
            let seen = self.seen.load(Ordering::Relaxed);
            dev_info!(
                self.pdev,
                "data dropped, {} interrupts\n",
                if seen == 0 { "no" } else { "some" }
            );
        }
    }
}

impl<'bound> Data<'bound> {
    fn counter(&'bound self, name: &'static str, again: bool) -> Counter<'bound> {
        Counter {
            registers: &self.registers,
            data: self,
            name,
            again,
        }
    }

    fn request(&self) -> Result<IrqRequest<'_>> {
        Ok(self.vectors.index(0)?.into())
    }

    /// Waits until that many interrupts are seen, and calls `meanwhile` each time before it looks.
    fn wait_while(&self, seen: u32, meanwhile: impl Fn()) -> Result {
        read_poll_timeout(
            || {
                meanwhile();
                Ok(self.seen.load(Ordering::Relaxed))
            },
            |now| *now >= seen,
            Delta::from_millis(1),
            Delta::from_millis(3000),
        )
        .map(drop)
    }

    fn wait_for(&self, seen: u32) -> Result {
        self.wait_while(seen, || ())
    }

    /// Waits for some more interrupts. A burst may end with the one that is raised first.
    fn goes_on(&self) -> Result {
        let seen = self.seen.load(Ordering::Relaxed);
        self.wait_while(seen + 3, || raise(&self.registers, 1))
    }

    /// Raises an interrupt, and returns whether it is seen.
    fn works(&self) -> bool {
        let before = self.seen.load(Ordering::Relaxed);
        raise(&self.registers, 2);
        self.wait_for(before + 1).is_ok()
    }

    /// Raises an interrupt, and returns whether nobody sees it.
    fn is_silent(&self) -> bool {
        let before = self.seen.load(Ordering::Relaxed);
        raise(&self.registers, 4);
        fsleep(Delta::from_millis(100));
        self.registers.write(ACKNOWLEDGE, ACKNOWLEDGE::from(4));
        self.seen.load(Ordering::Relaxed) == before
    }
}

fn types() -> IrqTypes {
    match module_parameters::intx.read() {
        true => IrqTypes::default().with(IrqType::Intx),
        false => IrqTypes::default().with(IrqType::Msi).with(IrqType::MsiX),
    }
}

/// Vectors can be requested once, and are released when they are not used.
fn vectors(pdev: &pci::Device<Core<'_>>) -> Result {
    say(pdev, "none", pdev.alloc_irq_vectors(0, 0, types()));
    say(pdev, "backwards", pdev.alloc_irq_vectors(2, 1, types()));
    say(pdev, "too many", pdev.alloc_irq_vectors(33, 33, types()));
    say(
        pdev,
        "no type",
        pdev.alloc_irq_vectors(1, 1, IrqTypes::default()),
    );
    let first = pdev.alloc_irq_vectors(1, 1, types())?;
    let wanted = if module_parameters::intx.read() {
        IrqType::Intx
    } else {
        IrqType::Msi
    };
    check(
        pdev,
        "one vector",
        first.len() == 1 && first.irq_type() == wanted,
    )?;
    say(pdev, "another one", first.index(1));
    say(
        pdev,
        "taken away",
        pdev.alloc_irq_vectors(1, 1, IrqTypes::all()),
    );
    drop(first);
    let again = pdev.alloc_irq_vectors(1, 1, types())?;
    // If the registration of a handler is forgotten, the handler keeps its vector.
    let request: IrqRequest<'_> = again.index(0)?.into();
    core::mem::forget(Registration::new_static(
        request,
        Flags::SHARED,
        c"forgotten",
        Nothing,
    )?);
    drop(again);
    say(pdev, "still in use", pdev.alloc_irq_vectors(1, 1, types()));
    Err(ENODEV)
}

/// Tries all methods of a registration while it exists.
fn uses<'x>(data: &'x Data<'x>, scope: &Scope<'x>) -> Result {
    let pdev = data.pdev;
    let counter = |name| data.counter(name, false);
    let wrong = Flags::SHARED | Flags::NO_AUTOEN;
    let nothing = Registration::new_in(scope, data.request()?, wrong, c"wrong", Nothing);
    say(pdev, "contradiction", nothing);

    let one = Registration::new_in(
        scope,
        data.request()?,
        Flags::SHARED,
        c"one",
        counter("one"),
    )?;
    check(pdev, "in one part", data.works())?;
    let alone = Flags::PROBE_SHARED;
    let alone = Registration::new_in(scope, data.request()?, alone, c"alone", Nothing);
    say(pdev, "not shared", alone);
    let guard = one.disable();
    let second = one.disable_nosync();
    check(pdev, "disabled", data.is_silent())?;
    drop(guard);
    check(pdev, "disabled still", data.is_silent())?;
    drop(second);
    check(pdev, "enabled", data.works())?;
    one.synchronize();
    // A forgotten guard does not leave a shared line disabled.
    core::mem::forget(one.disable());
    drop(one);

    let flags = Flags::NO_AUTOEN;
    let late = Registration::new_in(scope, data.request()?, flags, c"late", counter("late"))?;
    check(pdev, "not yet", data.is_silent())?;
    late.enable();
    late.enable();
    check(pdev, "now", data.works())?;
    check(pdev, "its handler", late.handler().name == "late")?;
    drop(late);
    check(pdev, "given up", data.is_silent())?;

    let two = counter("two");
    let two = ThreadedRegistration::new_in(scope, data.request()?, Flags::ONESHOT, c"two", two)?;
    check(pdev, "in two parts", data.works())?;
    drop(two);

    // Two handlers are left to the scope, one of them by forgetting it.
    let flags = Flags::SHARED;
    let a = counter("handler a");
    Registration::new_in(scope, data.request()?, flags, c"a", a)?.detach();
    let b = Registration::new_in(scope, data.request()?, flags, c"b", Nothing)?;
    core::mem::forget(b);
    check(pdev, "both", data.works())
}

struct Irq;

kernel::pci_device_table!(
    TABLE,
    (),
    [(
        pci::DeviceId::from_id(pci::Vendor::from_raw(0x1234), 0x11e8),
        ()
    )]
);

impl pci::Driver for Irq {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            pdev.enable_device_mem()?;
            if module_parameters::mode.read() == 1 {
                vectors(pdev)?;
            }
            let registers: Registers<'bound> = pdev.iomap_region_sized(0, c"pci_irq")?;
            registers.write(ACKNOWLEDGE, ACKNOWLEDGE::from(u32::MAX));
            Ok(Data {
                alive: AtomicU32::new(ALIVE),
                seen: AtomicU32::new(0),
                pdev,
                registers,
                vectors: pdev.alloc_irq_vectors(1, 1, types())?,
                _master: pdev.bus_master()?,
            })
        })
    }

    fn attach<'bound, 'x>(
        _pdev: &'bound pci::Device<Core<'_>>,
        data: Pin<&'x Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        let data: &'x Data<'x> = data.get_ref();
        let storm = || data.counter("storm", true);
        match module_parameters::mode.read() {
            2 => uses(data, scope)?,
            // From now on, each handler raises the next interrupt, until it is unregistered.
            3 => {
                let flags = Flags::SHARED;
                Registration::new_in(scope, data.request()?, flags, c"storm", storm())?.detach();
                raise(&data.registers, 1);
                data.wait_for(3)?;
            }
            4 => {
                let flags = Flags::ONESHOT;
                ThreadedRegistration::new_in(scope, data.request()?, flags, c"storm", storm())?
                    .detach();
                raise(&data.registers, 1);
                data.wait_for(3)?;
            }
            // Probing fails when a handler is already registered.
            5 => {
                let flags = Flags::SHARED;
                Registration::new_in(scope, data.request()?, flags, c"storm", storm())?.detach();
                raise(&data.registers, 1);
                return Err(EIO);
            }
            // The last interrupt of the line has a handler, see `boot`.
            6 => {
                let flags = Flags::SHARED;
                let last = data.counter("last", false);
                Registration::new_in(scope, data.request()?, flags, c"last", last)?.detach();
                check(data.pdev, "last of the line", data.works())?;
            }
            _ => {}
        }
        Ok(())
    }

    fn unbind<'bound>(pdev: &'bound pci::Device<Core<'_>>, data: Pin<&Data<'bound>>) {
        if matches!(module_parameters::mode.read(), 3 | 4) {
            raise(&data.registers, 1);
            if !module_parameters::quiet.read() {
                say(pdev, "goes on while unbinding", data.goes_on());
                raise(&data.registers, 1);
            }
        }
    }
}

kernel::module_driver!(<T>, pci::Adapter<T>, {
    type: Irq,
    name: "pci_irq",
    authors: ["The Lifebound developers"],
    description: "Interrupts by line and by message",
    license: "GPL",
    params: {
        mode: u32 {
            default: 0,
            description: "What to do",
        },
        intx: bool {
            default: false,
            description: "Whether to use the line",
        },
        quiet: bool {
            default: false,
            description: "Whether to say nothing when all is well",
        },
    },
});
