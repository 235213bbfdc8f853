// SPDX-License-Identifier: GPL-2.0

//! Driver for QEMU's `edu`, a device to learn on. It computes factorials, and copies between memory
//! and a buffer of its own. Each operation ends in an interrupt.
//!
//! A program opens `/dev/edu<number>`; `/sys/kernel/debug/edu/` has some statistics. The driver
//! serves any number of devices, which may come and go. `Documentation/guide.md` builds this driver
//! step by step.
//!
//! To run it: `make run SAMPLE=edu`.

#![forbid(unsafe_code)]

use kernel::{
    debugfs::{Dir, Tree},
    device::{Bound, Core},
    io::{Io, poll::read_poll_timeout},
    irq::{Flags, Handler, IrqReturn, Registration},
    miscdevice::{Node, NodeOptions},
    pci,
    poll::{Events, Queue},
    prelude::*,
    scope::Scope,
    str::CString,
    sync::atomic::{Atomic, Relaxed},
    time::Delta,
    workqueue::{self, Item},
};

mod factorial;
mod files;
mod number;
mod recovery;
mod regs;
mod transfer;

use factorial::Calculator;
use files::Requests;
use number::Number;
use recovery::{Service, Watchdog};
use regs::{ACKNOWLEDGE, COMMAND, EDU, IDENTITY, LIVENESS, PENDING, Registers, STATUS};
use transfer::Engine;

/// A device, as long as it is bound.
#[pin_data]
struct Edu<'bound> {
    number: Number,
    registers: Registers<'bound>,
    vectors: pci::IrqVectorRegistration<'bound>,
    #[pin]
    service: Service,
    #[pin]
    calculator: Calculator,
    #[pin]
    engine: Engine<'bound>,
    /// The queue of tasks that wait for the calculator, or for its answer.
    changed: Queue,
    statistics: Statistics,
    pdev: &'bound pci::Device<Bound>,
}

#[derive(Default)]
struct Statistics {
    interrupts: Atomic<u64>,
    /// The number of interrupts that the watchdog has found.
    lost: Atomic<u64>,
    factorials: Atomic<u64>,
    bytes_in: Atomic<u64>,
    bytes_out: Atomic<u64>,
}

impl Edu<'_> {
    /// Makes the device stop its own activity.
    fn silence(registers: &Registers<'_>) {
        registers.write(STATUS, STATUS::zeroed());
        registers.write(ACKNOWLEDGE, ACKNOWLEDGE::from(u32::MAX));
    }

    /// As [`silence`](Self::silence), and waits until the device has ended its current operation.
    fn settle(registers: &Registers<'_>) -> Result {
        Self::silence(registers);
        read_poll_timeout(
            || Ok((registers.read(STATUS), registers.read(COMMAND))),
            |(status, command)| !status.computing() && !command.run(),
            Delta::from_millis(1),
            Delta::from_millis(200),
        )?;
        Self::silence(registers);
        Ok(())
    }

    /// Lets the device finish first: it answers even if nobody waits any more.
    fn finish(&self) {
        let answered = read_poll_timeout(
            || Ok(self.calculator.is_free()),
            |free| *free,
            Delta::from_millis(1),
            Delta::from_millis(100),
        );
        // There is no answer, most likely because the device was pulled out. That is no reason not
        // to unbind it.
        let _ = answered;
        Self::silence(&self.registers);
    }

    /// Checks whether the device is an `edu`, and works.
    fn answers(registers: &Registers<'_>) -> Result<IDENTITY> {
        let identity = registers.read(IDENTITY);
        registers.write(LIVENESS, LIVENESS::from(identity.into_raw()));
        let answer = registers.read(LIVENESS).into_raw();
        if identity.kind() != EDU || answer != !identity.into_raw() {
            return Err(ENODEV);
        }
        Ok(identity)
    }

    /// Gives the device's answer to the file that waits for it.
    fn answer(&self) {
        if self.calculator.answer(&self.registers) {
            self.statistics.factorials.add(1, Relaxed);
            self.changed.wake(Events::READABLE | Events::WRITABLE);
        }
    }
}

/// All interrupts of the device use one vector.
impl Handler for Edu<'_> {
    fn handle(&self) -> IrqReturn {
        let pending = self.registers.read(PENDING).into_raw();
        // All bits are set if the device was unplugged.
        if pending == 0 || pending == u32::MAX {
            return IrqReturn::None;
        }
        self.registers
            .write(ACKNOWLEDGE, ACKNOWLEDGE::from(pending));
        self.statistics.interrupts.add(1, Relaxed);
        if PENDING::from(pending).factorial() {
            self.answer();
        }
        if PENDING::from(pending).transfer() {
            self.engine.finish();
        }
        IrqReturn::Handled
    }
}

struct Driver;

kernel::pci_device_table!(
    TABLE,
    (),
    [(
        pci::DeviceId::from_id(pci::Vendor::from_raw(0x1234), 0x11e8),
        ()
    )]
);

impl pci::Driver for Driver {
    type IdInfo = ();
    type Data<'bound> = Edu<'bound>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;
    const PM: pci::PmCallbacks<Self> = recovery::PM;
    const ERROR_HANDLERS: pci::ErrorHandlers<Self> = recovery::ERROR_HANDLERS;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Edu<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            pdev.enable_device_mem()?;
            let registers = pdev.iomap_region_sized(0, c"edu")?;
            let identity = Edu::answers(&registers)?;
            dev_info!(pdev, "edu {}.{}\n", identity.major(), identity.minor());
            // An operation that the device began for an earlier user ends first.
            Edu::settle(&registers)?;
            Ok(try_pin_init!(Edu {
                number: Number::take()?,
                registers,
                vectors: pdev.alloc_irq_vectors(1, 1, pci::IrqTypes::all())?,
                service <- Service::new(),
                calculator <- Calculator::new(),
                engine <- Engine::new(pdev)?,
                changed: Queue::new(GFP_KERNEL)?,
                statistics: Statistics::default(),
                pdev,
            }))
        })
    }

    /// From here on, the device is used. The parts end in reverse order: first no program has a
    /// file any more, then the device finishes and is silent, then its interrupts are not handled
    /// any more.
    fn attach<'bound, 'x>(
        pdev: &'bound pci::Device<Core<'_>>,
        data: Pin<&'x Edu<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        let edu = data.get_ref();
        let vector = edu.vectors.index(0)?;
        Registration::new_in(scope, vector.into(), Flags::SHARED, c"edu", edu)?.detach();
        scope.at_end(|| edu.finish())?;
        let watchdog = Item::new(scope, workqueue::system(), Watchdog(edu))?;

        let name = CString::try_from_fmt(fmt!("edu{}", edu.number))?;
        let all = Dir::shared(c"edu");
        Tree::new(scope, Some(&all), &name, edu, |edu, dir| {
            dir.read_only_file(c"interrupts", &edu.statistics.interrupts);
            dir.read_only_file(c"lost", &edu.statistics.lost);
            dir.read_only_file(c"factorials", &edu.statistics.factorials);
            dir.read_only_file(c"bytes_in", &edu.statistics.bytes_in);
            dir.read_only_file(c"bytes_out", &edu.statistics.bytes_out);
        })?
        .detach();

        let options = NodeOptions::new(fmt!("edu{}", edu.number))?
            .parent(pdev.as_ref())
            .queue(&edu.changed);
        Node::new(scope, options, Requests { edu, watchdog })?.detach();
        // An error that resets the slot needs this state.
        pdev.save_state()
    }
}

kernel::module_pci_driver! {
    type: Driver,
    name: "edu",
    authors: ["The Lifebound developers"],
    description: "Driver for QEMU's edu",
    license: "GPL",
}
