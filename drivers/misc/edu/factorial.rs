// SPDX-License-Identifier: GPL-2.0

//! The part of the device that computes factorials, one at a time.

use kernel::{
    io::Io,
    prelude::*,
    sync::{Arc, SpinLockIrq, new_spinlock_irq},
    time::{Delta, Instant, Monotonic},
};

use crate::regs::{ACKNOWLEDGE, FACTORIAL, PENDING, Registers, STATUS};

/// The largest number whose factorial fits into the register.
const LARGEST: u32 = 12;

/// The longest time that the device may take for an answer; it takes less than a millisecond.
pub(crate) const LIMIT: Delta = Delta::from_secs(2);

/// The question that a file asks.
///
/// The file shares it with the interrupt handler, which answers it. The file may be closed before
/// that, so the question is counted.
#[pin_data]
pub(crate) struct Question {
    #[pin]
    state: SpinLockIrq<State>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Idle,
    Asked,
    /// The question is answered, with the factorial, or with the reason why there is none.
    Answered(Result<u32>),
}

impl Question {
    pub(crate) fn new() -> Result<Arc<Self>> {
        let question = try_pin_init!(Self {
            state <- new_spinlock_irq!(State::Idle, "edu_question"),
        });
        Arc::pin_init(question, GFP_KERNEL)
    }

    pub(crate) fn is_idle(&self) -> bool {
        *self.state.lock() == State::Idle
    }

    pub(crate) fn is_answered(&self) -> bool {
        matches!(*self.state.lock(), State::Answered(_))
    }

    /// Takes the answer away, so that another question can be asked.
    pub(crate) fn take_answer(&self) -> Option<Result<u32>> {
        let mut state = self.state.lock();
        let State::Answered(answer) = *state else {
            return None;
        };
        *state = State::Idle;
        Some(answer)
    }

    fn answer(&self, answer: Result<u32>) {
        *self.state.lock() = State::Answered(answer);
    }
}

/// The question that the device is answering.
struct Current {
    question: Arc<Question>,
    deadline: Instant<Monotonic>,
}

impl Current {
    fn time_left(&self) -> Delta {
        self.deadline - Instant::now()
    }
}

#[pin_data]
pub(crate) struct Calculator {
    /// The question that is being answered. The interrupt handler takes this lock, so it has to be
    /// one that disables interrupts.
    #[pin]
    current: SpinLockIrq<Option<Current>>,
}

impl Calculator {
    pub(crate) fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            current <- new_spinlock_irq!(None, "edu_calculator"),
        })
    }

    pub(crate) fn is_free(&self) -> bool {
        self.current.lock().is_none()
    }

    /// Asks for the factorial of `number`. Returns `false` if another question is being answered.
    ///
    /// # Errors
    ///
    /// `ERANGE` if the number is too large; `EBUSY` if the question was already asked and its
    /// answer not taken; `EIO` if the device does not answer, or still computes for an earlier
    /// question.
    pub(crate) fn ask(
        &self,
        registers: &Registers<'_>,
        question: &Arc<Question>,
        number: u32,
    ) -> Result<bool> {
        if number > LARGEST {
            return Err(ERANGE);
        }
        let mut current = self.current.lock();
        let mut state = question.state.lock();
        if *state != State::Idle {
            return Err(EBUSY);
        }
        if current.is_some() {
            return Ok(false);
        }
        prepare(registers)?;
        *state = State::Asked;
        *current = Some(Current {
            question: question.clone(),
            deadline: Instant::now() + LIMIT,
        });
        registers.write(FACTORIAL, FACTORIAL::from(number));
        Ok(true)
    }

    /// Answers the current question if the device has computed the answer. Returns whether it has.
    pub(crate) fn answer(&self, registers: &Registers<'_>) -> bool {
        let mut current = self.current.lock();
        // The interrupt may belong to an earlier question.
        if !is_ready(registers) {
            return false;
        }
        let value = registers.read(FACTORIAL).value().get();
        // The value that is read if nothing answers is no factorial.
        if matches!(value, 0 | u32::MAX) {
            return false;
        }
        let answered = current.take();
        if let Some(current) = &answered {
            current.question.answer(Ok(value));
        }
        answered.is_some()
    }

    /// Returns how long the current question may still take; `None` if there is none.
    pub(crate) fn time_left(&self) -> Option<Delta> {
        self.current.lock().as_ref().map(Current::time_left)
    }

    /// Gives the current question up, for `reason`.
    pub(crate) fn fail(&self, reason: Error) {
        if let Some(current) = self.current.lock().take() {
            current.question.answer(Err(reason));
        }
    }

    /// As [`fail`](Self::fail), if the deadline of the question has passed.
    pub(crate) fn expire(&self, reason: Error) {
        let mut current = self.current.lock();
        if let Some(late) = current.take_if(|current| current.time_left() <= Delta::ZERO) {
            late.question.answer(Err(reason));
        }
    }
}

/// Acknowledges old interrupts: one that is pending from now on belongs to the next question.
///
/// # Errors
///
/// `EIO` if the device is still computing, or does not answer.
fn prepare(registers: &Registers<'_>) -> Result {
    let factorial = PENDING::zeroed().with_factorial(true);
    registers.write(ACKNOWLEDGE, ACKNOWLEDGE::from(factorial.into_raw()));
    registers.write(STATUS, STATUS::zeroed().with_interrupt(true));
    if registers.read(PENDING).factorial() || !is_ready(registers) {
        return Err(EIO);
    }
    Ok(())
}

/// Returns whether the device computes nothing. If nothing answers, all bits are set, or none.
fn is_ready(registers: &Registers<'_>) -> bool {
    let status = registers.read(STATUS);
    status.interrupt() && !status.computing()
}
