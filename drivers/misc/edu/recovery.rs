// SPDX-License-Identifier: GPL-2.0

//! The driver's reaction if the device does not do its work.
//!
//! | event | the driver's reaction |
//! |---|---|
//! | an interrupt is lost | after a deadline, the [`Watchdog`] looks at the registers |
//! | a reset, or system sleep | [`Service`] is paused: begun requests fail, new requests wait |
//! | an error on the bus | begun requests fail, and so do new ones until the device has recovered |
//! | nothing answers at the registers | the request fails at once |
//!
//! A request fails with `EIO`, or with `ENODEV` if the device was taken away. That ends the request
//! and nothing else: the next one is tried in the same way.

use kernel::{
    device::Core,
    io::Io,
    pci::{self, ChannelState, ErrorHandlers, PmCallbacks, Recovery},
    poll::Events,
    prelude::*,
    sync::{SpinLockIrq, atomic::Relaxed, new_spinlock_irq},
    time::Delta,
    workqueue::{Job, WorkRef},
};

use crate::{
    Driver, Edu,
    regs::{ACKNOWLEDGE, PENDING},
};

#[derive(Clone, Copy, PartialEq)]
enum State {
    InService,
    /// The device is being reset, or sleeps. This state ends soon.
    Paused,
    /// An error was found on the bus. This state may never end.
    Failed,
}

/// Whether the device may begin an operation. Only the callbacks at the end of this file change it.
#[pin_data]
pub(crate) struct Service {
    #[pin]
    state: SpinLockIrq<State>,
}

impl Service {
    pub(crate) fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            state <- new_spinlock_irq!(State::InService, "edu_service"),
        })
    }

    /// Calls `begin`, which makes the device begin an operation. While service is paused, this
    /// function does not call it, and returns `false`.
    ///
    /// The lock is held meanwhile. So [`Edu::interrupt`] knows of all operations that have begun,
    /// and none begins after it.
    ///
    /// # Errors
    ///
    /// `EIO` after an error on the bus; otherwise the errors of `begin`.
    pub(crate) fn begin(&self, begin: impl FnOnce() -> Result<bool>) -> Result<bool> {
        let state = self.state.lock();
        match *state {
            State::InService => begin(),
            State::Paused => Ok(false),
            State::Failed => Err(EIO),
        }
    }

    pub(crate) fn is_paused(&self) -> bool {
        *self.state.lock() == State::Paused
    }
}

impl Edu<'_> {
    /// Ends service for now: nothing begins any more, and every request that has begun fails.
    fn interrupt(&self, state: State) {
        *self.service.state.lock() = state;
        self.calculator.fail(EIO);
        self.engine.abandon();
        self.changed.wake(Events::READABLE | Events::WRITABLE);
    }

    /// Takes the device into service again, with its configuration space restored.
    ///
    /// # Errors
    ///
    /// The device does not work. It is in service all the same: each request then fails by itself.
    fn resume(&self, pdev: &pci::Device<Core<'_>>) -> Result {
        let works = Self::settle(&self.registers)
            .and_then(|()| Self::answers(&self.registers))
            // The next error needs a saved state; the one saved before is used up.
            .and_then(|_| pdev.save_state());
        if let Err(error) = works {
            dev_err!(pdev, "not usable: {error:?}\n");
        }
        *self.service.state.lock() = State::InService;
        self.changed.wake(Events::READABLE | Events::WRITABLE);
        works
    }

    /// Returns why the device does not answer: `ENODEV` if its configuration space does not answer
    /// either, and `EIO` otherwise.
    pub(crate) fn fault(&self) -> Error {
        if self.pdev.config_space().read16(0) == u16::MAX {
            ENODEV
        } else {
            EIO
        }
    }

    /// Returns the same result, with a more exact reason for `EIO`.
    pub(crate) fn explained<T>(&self, result: Result<T>) -> Result<T> {
        result.map_err(|error| if error == EIO { self.fault() } else { error })
    }

    /// Ends the wait for an interrupt that should have come.
    fn look(&self) {
        let pending = self.registers.read(PENDING);
        // The device has raised the interrupt, and nobody has seen it. The answer is there.
        if pending.into_raw() != u32::MAX && pending.factorial() {
            let seen = PENDING::zeroed().with_factorial(true);
            self.registers
                .write(ACKNOWLEDGE, ACKNOWLEDGE::from(seen.into_raw()));
            self.statistics.lost.add(1, Relaxed);
            self.answer();
        }
        self.calculator.expire(self.fault());
        self.changed.wake(Events::READABLE | Events::WRITABLE);
    }
}

/// Ends questions that get no answer. Each question queues this work for its deadline.
pub(crate) struct Watchdog<'x, 'bound>(pub(crate) &'x Edu<'bound>);

impl Job for Watchdog<'_, '_> {
    fn run(&self, work: &WorkRef) {
        match self.0.calculator.time_left() {
            // The question was answered in time.
            None => {}
            // This question is later than the one for which the work was queued.
            Some(left) if left > Delta::ZERO => {
                work.queue_after(left);
            }
            Some(_) => self.0.look(),
        }
    }
}

/// The system may sleep. Programs are stopped before; their questions are still answered.
pub(crate) const PM: PmCallbacks<Driver> = PmCallbacks::<Driver>::NONE
    .suspend(|_, edu| {
        edu.finish();
        edu.interrupt(State::Paused);
        Ok(())
    })
    .resume(|pdev, edu| edu.resume(pdev));

/// The device may be reset by user space, and errors may be found on the bus.
pub(crate) const ERROR_HANDLERS: ErrorHandlers<Driver> = ErrorHandlers::<Driver>::NONE
    .reset_prepare(|_, edu, ()| edu.interrupt(State::Paused))
    // `Edu::resume` has reported its error.
    .reset_done(|pdev, edu, ()| edu.resume(pdev).unwrap_or_default())
    .error_detected(|_, edu, channel| {
        edu.interrupt(State::Failed);
        match channel {
            ChannelState::PermanentFailure => Recovery::Disconnect,
            ChannelState::Normal | ChannelState::Frozen => Recovery::NeedReset,
        }
    })
    .slot_reset(|pdev, _, ()| {
        pdev.restore_state();
        Recovery::Recovered
    })
    .resume(|pdev, edu, ()| edu.resume(pdev).unwrap_or_default());
