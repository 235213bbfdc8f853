// SPDX-License-Identifier: GPL-2.0

//! The part of the device that computes factorials, one at a time.

use kernel::{
    io::Io,
    prelude::*,
    sync::{Arc, SpinLockIrq, new_spinlock_irq},
};

use crate::regs::{FACTORIAL, Registers, STATUS};

/// The largest number whose factorial fits into the register.
const LARGEST: u32 = 12;

/// What a file wants to know.
///
/// It is shared with the interrupt handler, which answers it. The file may be closed before that, so it is counted.
#[pin_data]
pub(crate) struct Question {
    #[pin]
    state: SpinLockIrq<State>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Idle,
    Asked,
    Answered(u32),
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

    /// Takes the answer away, so that something else can be asked.
    pub(crate) fn take_answer(&self) -> Option<u32> {
        let mut state = self.state.lock();
        let State::Answered(answer) = *state else {
            return None;
        };
        *state = State::Idle;
        Some(answer)
    }
}

#[pin_data]
pub(crate) struct Calculator {
    /// What is being computed. The interrupt handler takes this lock: it has to be one that keeps interrupts off.
    #[pin]
    current: SpinLockIrq<Option<Arc<Question>>>,
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

    /// Asks for the factorial of `number`, unless another question is being answered: `false` then.
    ///
    /// # Errors
    ///
    /// `ERANGE` if it is too large; `EBUSY` if the question was asked already, and its answer not taken.
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
        *state = State::Asked;
        *current = Some(question.clone());
        registers.write(STATUS, STATUS::zeroed().with_interrupt(true));
        registers.write(FACTORIAL, FACTORIAL::from(number));
        Ok(true)
    }

    /// Answers the current question. Called by the interrupt handler.
    pub(crate) fn answer(&self, registers: &Registers<'_>) {
        let value = registers.read(FACTORIAL).value().get();
        let question = self.current.lock().take();
        if let Some(question) = question {
            *question.state.lock() = State::Answered(value);
        }
    }
}
