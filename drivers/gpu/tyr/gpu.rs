// SPDX-License-Identifier: GPL-2.0

//! The GPU as a whole: its reset, the power of its cache, and its events. It borrows the registers.

use kernel::{
    device::{Bound, Device},
    io::Io,
    irq::{Handler, IrqReturn},
    prelude::*,
    sync::{
        Completion, SpinLockIrq,
        atomic::{Atomic, Relaxed},
        new_spinlock_irq,
    },
    time::{Delta, Instant, Monotonic, delay::fsleep, msecs_to_jiffies},
};

use crate::{
    info,
    regs::{self, GPU_CMD, GPU_STATUS, IRQ_CLEAR, IRQ_MASK, IRQ_RAWSTAT, IRQ_STATUS, Registers},
};

/// The longest time that a reset, or a change of power, may take.
const LIMIT_MS: u32 = 100;

/// The time between two looks at the registers, where no interrupt says when to look.
const PAUSE: Delta = Delta::from_millis(1);

/// The GPU, as long as its registers are lent to it.
#[pin_data(PinnedDrop)]
pub(crate) struct Gpu<'x> {
    dev: &'x Device<Bound>,
    registers: &'x Registers<'x>,
    l2_present: u64,
    /// The interrupt handler takes this lock.
    #[pin]
    state: SpinLockIrq<State>,
    /// An event has happened.
    #[pin]
    happened: Completion,
    /// Whether an interrupt tells about events.
    has_irq: Atomic<bool>,
    pub(crate) interrupts: Atomic<u64>,
    pub(crate) starts: Atomic<u64>,
}

struct State {
    /// Whether the registers may be used: the GPU has its supplies and clocks, and was reset.
    awake: bool,
    /// The events since the reset was asked for.
    seen: u32,
}

impl<'x> Gpu<'x> {
    pub(crate) fn new(
        dev: &'x Device<Bound>,
        registers: &'x Registers<'x>,
        l2_present: u64,
    ) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            dev,
            registers,
            l2_present,
            state <- new_spinlock_irq!(State { awake: false, seen: 0 }, "tyr_gpu"),
            happened <- Completion::new(),
            has_irq: Atomic::new(false),
            interrupts: Atomic::new(0),
            starts: Atomic::new(0),
        })
    }

    /// Resets the GPU, and gives power to its cache. The GPU has its supplies and clocks.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `ETIMEDOUT` if the reset or the power-up takes too long; `ENODEV` if the GPU does not
    /// answer. The driver says so. The GPU is left alone then.
    pub(crate) fn start(&self) -> Result {
        *self.state.lock() = State {
            awake: true,
            seen: 0,
        };
        let started = self.reset().and_then(|()| self.power_up());
        match started {
            Ok(()) => self.starts.add(1, Relaxed),
            Err(_) => self.silence(),
        }
        started
    }

    fn reset(&self) -> Result {
        self.registers.write(IRQ_CLEAR, u32::MAX.into());
        self.listen();
        self.registers.write(GPU_CMD, regs::soft_reset());
        self.wait("the reset", || {
            let seen = self.state.lock().seen | self.registers.read(IRQ_RAWSTAT).into_raw();
            IRQ_RAWSTAT::from(seen).reset_completed()
        })?;
        // The reset may have taken the mask away.
        self.listen();
        Ok(())
    }

    fn power_up(&self) -> Result {
        let (registers, parts) = (self.registers, self.l2_present);
        self.wait("the L2 cache", || regs::l2_changing(registers) & parts == 0)?;
        regs::l2_power_on(registers, parts);
        self.wait("the power of the L2 cache", || {
            regs::l2_ready(registers) & parts == parts
        })
    }

    /// Has events raise the interrupt, if somebody handles it.
    fn listen(&self) {
        if self.has_irq.load(Relaxed) {
            self.registers.write(IRQ_MASK, regs::events());
        }
    }

    /// Takes the power from the cache, and has the GPU be silent. Later calls do nothing.
    ///
    /// Context: process context; may sleep.
    pub(crate) fn stop(&self) {
        if !self.is_awake() {
            return;
        }
        let (registers, parts) = (self.registers, self.l2_present);
        regs::l2_power_off(registers, parts);
        // If it does not go, the power goes with the supplies.
        let _ = self.wait("the L2 cache without power", || {
            regs::l2_changing(registers) & parts == 0 && regs::l2_ready(registers) & parts == 0
        });
        self.silence();
    }

    /// The last to use the registers. When this returns, no handler uses them.
    fn silence(&self) {
        let mut state = self.state.lock();
        self.registers.write(IRQ_MASK, IRQ_MASK::zeroed());
        self.registers.write(IRQ_CLEAR, u32::MAX.into());
        state.awake = false;
    }

    pub(crate) fn is_awake(&self) -> bool {
        self.state.lock().awake
    }

    /// Wakes the GPU if need be, and returns its status.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// Those of the driver's callback that resumes the GPU.
    pub(crate) fn status(&self) -> Result<u32> {
        let _powered = self.dev.power_up()?;
        Ok(self.registers.read(GPU_STATUS).into_raw())
    }

    /// Waits until `done`, which is looked at after each event, or else each millisecond.
    fn wait(&self, what: &str, done: impl Fn() -> bool) -> Result {
        let start = Instant::<Monotonic>::now();
        let limit = Delta::from_millis(LIMIT_MS.into());
        loop {
            let left = limit - start.elapsed();
            let is_done = done();
            // Nothing answers with all bits set, which looks like any answer.
            if !info::answers(self.registers) {
                dev_err!(self.dev, "{what}: the GPU has stopped to answer\n");
                return Err(ENODEV);
            }
            if is_done {
                return Ok(());
            }
            if left <= Delta::ZERO {
                dev_err!(self.dev, "{what}: not after {LIMIT_MS} ms\n");
                return Err(ETIMEDOUT);
            }
            self.pause(left);
        }
    }

    /// Waits for the next event, or until it is time for another look.
    fn pause(&self, left: Delta) {
        if self.has_irq.load(Relaxed) {
            let left = u32::try_from(left.as_millis_ceil()).unwrap_or(LIMIT_MS);
            // That there was none is seen by the clock.
            let _ = self
                .happened
                .wait_for_completion_timeout(msecs_to_jiffies(left));
        } else {
            fsleep(PAUSE);
        }
    }
}

#[pinned_drop]
impl PinnedDrop for Gpu<'_> {
    fn drop(self: Pin<&mut Self>) {
        self.stop();
    }
}

/// The handler of the GPU's interrupt. It borrows the GPU, and with it the registers.
pub(crate) struct Events<'x>(&'x Gpu<'x>);

impl<'x> Events<'x> {
    pub(crate) fn new(gpu: &'x Gpu<'x>) -> Self {
        Self(gpu)
    }
}

impl Handler for Events<'_> {
    fn handle(&self) -> IrqReturn {
        let gpu = self.0;
        let mut state = gpu.state.lock();
        // A GPU without power does not raise it: the line is shared.
        if !state.awake {
            return IrqReturn::None;
        }
        let events = gpu.registers.read(IRQ_STATUS).into_raw();
        if events == 0 || events == u32::MAX {
            return IrqReturn::None;
        }
        gpu.registers.write(IRQ_CLEAR, events.into());
        state.seen |= events;
        drop(state);
        gpu.interrupts.add(1, Relaxed);
        if IRQ_MASK::from(events).fault() {
            dev_err!(gpu.dev, "the GPU reports a fault\n");
        }
        gpu.happened.complete();
        IrqReturn::Handled
    }
}

/// From now on somebody has to look.
impl Drop for Events<'_> {
    fn drop(&mut self) {
        self.0.has_irq.store(false, Relaxed);
    }
}

/// Says that an interrupt tells about events.
pub(crate) fn has_irq(gpu: &Gpu<'_>) {
    gpu.has_irq.store(true, Relaxed);
}
