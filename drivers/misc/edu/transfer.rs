// SPDX-License-Identifier: GPL-2.0

//! Transfers between memory and the device's buffer.

use kernel::{
    device::Core,
    dma::{Coherent, Device as _, DmaAddress, DmaMask},
    io::{Io, io_project},
    pci,
    prelude::*,
    sync::{Completion, Mutex, MutexGuard, new_mutex},
    time::msecs_to_jiffies,
};

use crate::regs::{
    ADDRESS_BITS, BUFFER, BUFFER_SIZE, COMMAND, COUNT, DESTINATION, Registers, SOURCE,
};

/// How long a transfer may take; it takes a tenth of a second.
const TIMEOUT_MS: u32 = 2000;

#[pin_data]
pub(crate) struct Engine<'bound> {
    /// One transfer at a time, through memory that stays until the device is unbound: if a transfer does not end in
    /// time, nobody else has the memory when it does.
    #[pin]
    memory: Mutex<Coherent<'bound, [u8]>>,
    #[pin]
    done: Completion,
    _master: pci::BusMaster<'bound>,
}

impl<'bound> Engine<'bound> {
    pub(crate) fn new(
        pdev: &'bound pci::Device<Core<'_>>,
    ) -> Result<impl PinInit<Self, Error> + 'bound> {
        // Before there is memory that a mask could be wrong for.
        pdev.dma_set_mask_and_coherent(DmaMask::new::<ADDRESS_BITS>())?;
        let memory = Coherent::<u8>::zeroed_slice(pdev.as_ref(), BUFFER_SIZE, GFP_KERNEL)?;
        let master = pdev.bus_master()?;
        Ok(try_pin_init!(Self {
            memory <- new_mutex!(memory, "edu_memory"),
            done <- Completion::new(),
            _master: master,
        }))
    }

    /// Waits for those who came before. Sleeps.
    pub(crate) fn lock(&self) -> Turn<'_, 'bound> {
        Turn {
            memory: self.memory.lock(),
            done: &self.done,
        }
    }

    /// Says that a transfer has ended. Called by the interrupt handler.
    pub(crate) fn finish(&self) {
        self.done.complete();
    }
}

/// The right to transfer something.
pub(crate) struct Turn<'a, 'bound> {
    memory: MutexGuard<'a, Coherent<'bound, [u8]>>,
    done: &'a Completion,
}

impl Turn<'_, '_> {
    /// Copies `data` to the device, from `offset` in its buffer on. Sleeps.
    ///
    /// # Errors
    ///
    /// `EINVAL` if that is more than it has; `EBUSY`, `ETIMEDOUT` if it does not answer.
    pub(crate) fn copy_in(&self, registers: &Registers<'_>, offset: usize, data: &[u8]) -> Result {
        let inside = place(offset, data.len())?;
        let part = io_project!(&*self.memory, [0..data.len()]?);
        part.copy_from_slice(data);
        let inward = COMMAND::zeroed();
        self.run(registers, part.dma_address(), inside, data.len(), inward)
    }

    /// Copies to `data` from the device, from `offset` in its buffer on. Sleeps.
    ///
    /// # Errors
    ///
    /// As [`copy_in`](Self::copy_in).
    pub(crate) fn copy_out(
        &self,
        registers: &Registers<'_>,
        offset: usize,
        data: &mut [u8],
    ) -> Result {
        let inside = place(offset, data.len())?;
        let part = io_project!(&*self.memory, [0..data.len()]?);
        let outward = COMMAND::zeroed().with_outward(true);
        self.run(registers, inside, part.dma_address(), data.len(), outward)?;
        part.copy_to_slice(data);
        Ok(())
    }

    fn run(
        &self,
        registers: &Registers<'_>,
        from: DmaAddress,
        to: DmaAddress,
        bytes: usize,
        command: COMMAND,
    ) -> Result {
        // An earlier transfer that has not ended in time.
        if registers.read(COMMAND).run() {
            return Err(EBUSY);
        }
        while self.done.try_wait_for_completion() {}
        registers.write(SOURCE, SOURCE::from(from));
        registers.write(DESTINATION, DESTINATION::from(to));
        registers.write(COUNT, COUNT::from(bytes as u64));
        registers.write(COMMAND, command.with_interrupt(true).with_run(true));
        let timeout = msecs_to_jiffies(TIMEOUT_MS);
        loop {
            self.done
                .wait_for_completion_timeout(timeout)
                .ok_or(ETIMEDOUT)?;
            // Not the late end of the one before.
            if !registers.read(COMMAND).run() {
                return Ok(());
            }
        }
    }
}

/// The address in the device of `length` bytes of its buffer.
fn place(offset: usize, length: usize) -> Result<DmaAddress> {
    match offset.checked_add(length) {
        Some(end) if end <= BUFFER_SIZE && length != 0 => Ok(BUFFER + offset as DmaAddress),
        _ => Err(EINVAL),
    }
}
