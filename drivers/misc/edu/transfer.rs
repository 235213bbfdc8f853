// SPDX-License-Identifier: GPL-2.0

//! Transfers between memory and the device's buffer.

use kernel::{
    device::Core,
    dma::{Coherent, Device as _, DmaAddress, DmaMask},
    io::{Io, io_project, poll::read_poll_timeout},
    pci,
    prelude::*,
    sync::{
        Completion, Mutex, MutexGuard,
        atomic::{Atomic, Relaxed},
        new_mutex,
    },
    time::{Delta, msecs_to_jiffies},
};

use crate::{
    recovery::Service,
    regs::{
        ACKNOWLEDGE, ADDRESS_BITS, BUFFER, BUFFER_SIZE, COMMAND, COUNT, DESTINATION, PENDING,
        Registers, SOURCE,
    },
};

/// The longest time that a transfer may take; it takes a tenth of a second.
const TIMEOUT_MS: u32 = 2000;

#[pin_data]
pub(crate) struct Engine<'bound> {
    /// One transfer runs at a time, through memory that stays until the device is unbound. So a
    /// transfer that ends too late does not reach memory of somebody else.
    #[pin]
    memory: Mutex<Coherent<[u8]>>,
    #[pin]
    done: Completion,
    /// Whether the transfer that was begun last was given up.
    abandoned: Atomic<bool>,
    _master: pci::BusMaster<'bound>,
}

impl<'bound> Engine<'bound> {
    pub(crate) fn new(
        pdev: &'bound pci::Device<Core<'_>>,
    ) -> Result<impl PinInit<Self, Error> + 'bound> {
        // The mask is set before there is memory for which it could be wrong.
        pdev.dma_set_mask_and_coherent(DmaMask::new::<ADDRESS_BITS>())?;
        let memory = Coherent::<u8>::zeroed_slice(pdev.as_ref(), BUFFER_SIZE, GFP_KERNEL)?;
        let master = pdev.bus_master()?;
        Ok(try_pin_init!(Self {
            memory <- new_mutex!(memory, "edu_memory"),
            done <- Completion::new(),
            abandoned: Atomic::new(false),
            _master: master,
        }))
    }

    /// Waits for earlier users.
    ///
    /// Context: process context; may sleep.
    pub(crate) fn lock<'a>(
        &'a self,
        service: &'a Service,
        registers: &'a Registers<'bound>,
    ) -> Turn<'a, 'bound> {
        Turn {
            memory: self.memory.lock(),
            engine: self,
            service,
            registers,
        }
    }

    /// Says that a transfer has ended. The interrupt handler calls this function.
    pub(crate) fn finish(&self) {
        self.done.complete();
    }

    /// Makes the current transfer fail, if there is one.
    pub(crate) fn abandon(&self) {
        self.abandoned.store(true, Relaxed);
        self.done.complete();
    }
}

/// The right to make transfers.
pub(crate) struct Turn<'a, 'bound> {
    memory: MutexGuard<'a, Coherent<[u8]>>,
    engine: &'a Engine<'bound>,
    service: &'a Service,
    registers: &'a Registers<'bound>,
}

impl Turn<'_, '_> {
    /// Copies `data` to the device, from `offset` in its buffer on.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the range exceeds the buffer; `EIO` if the device does not answer, or was reset.
    pub(crate) fn copy_in(&self, offset: usize, data: &[u8]) -> Result {
        let inside = place(offset, data.len())?;
        self.settle()?;
        let part = io_project!(&*self.memory, [try: 0..data.len()]);
        part.copy_from_slice(data);
        let inward = COMMAND::zeroed();
        self.run(part.dma_address(), inside, data.len(), inward)
    }

    /// Copies to `data` from the device, from `offset` in its buffer on.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The errors are those of [`copy_in`](Self::copy_in).
    pub(crate) fn copy_out(&self, offset: usize, data: &mut [u8]) -> Result {
        let inside = place(offset, data.len())?;
        self.settle()?;
        let part = io_project!(&*self.memory, [try: 0..data.len()]);
        let outward = COMMAND::zeroed().with_outward(true);
        self.run(inside, part.dma_address(), data.len(), outward)?;
        part.copy_to_slice(data);
        Ok(())
    }

    /// Waits for the end of a transfer that was given up: until then, the device may use the
    /// memory.
    fn settle(&self) -> Result {
        let command = || match self.registers.read(COMMAND) {
            // Nothing answers at the registers.
            command if command.into_raw() == u64::MAX => Err(EIO),
            command => Ok(command),
        };
        let (pause, limit) = (Delta::from_millis(1), Delta::from_millis(200));
        match read_poll_timeout(command, |command| !command.run(), pause, limit) {
            Ok(_) => Ok(()),
            Err(_) => Err(EIO),
        }
    }

    fn run(&self, from: DmaAddress, to: DmaAddress, bytes: usize, command: COMMAND) -> Result {
        let begun = self.service.begin(|| {
            self.engine.abandoned.store(false, Relaxed);
            while self.engine.done.try_wait_for_completion() {}
            start(self.registers, from, to, bytes, command).map(|()| true)
        })?;
        if begun { self.wait() } else { Err(EIO) }
    }

    /// Waits for the end of a transfer.
    ///
    /// Without the interrupt, the transfer has failed, whatever the registers say. The device
    /// writes the interrupt as a message in the same way as it writes data. So where that message
    /// was lost, the data may be lost, too.
    fn wait(&self) -> Result {
        let mut left = msecs_to_jiffies(TIMEOUT_MS);
        loop {
            let done = &self.engine.done;
            left = done.wait_for_completion_timeout(left).ok_or(EIO)?;
            if self.engine.abandoned.load(Relaxed) {
                return Err(EIO);
            }
            // This is not the late end of the transfer before. If nothing answers, all bits are
            // set, or none.
            let command = self.registers.read(COMMAND);
            if command.interrupt() && !command.run() {
                return Ok(());
            }
        }
    }
}

/// Makes the device begin a transfer, if the device has the right addresses. With wrong ones, it
/// would write to somebody else's memory.
fn start(
    registers: &Registers<'_>,
    from: DmaAddress,
    to: DmaAddress,
    bytes: usize,
    command: COMMAND,
) -> Result {
    let (from, to) = (SOURCE::from(from), DESTINATION::from(to));
    let count = COUNT::from(bytes as u64);
    let transfer = PENDING::zeroed().with_transfer(true);
    registers.write(ACKNOWLEDGE, ACKNOWLEDGE::from(transfer.into_raw()));
    registers.write(SOURCE, from);
    registers.write(DESTINATION, to);
    registers.write(COUNT, count);
    let written = registers.read(SOURCE).into_raw() == from.into_raw()
        && registers.read(DESTINATION).into_raw() == to.into_raw()
        && registers.read(COUNT).into_raw() == count.into_raw();
    if !written {
        return Err(EIO);
    }
    registers.write(COMMAND, command.with_interrupt(true).with_run(true));
    Ok(())
}

/// Returns the address in the device of `length` bytes of its buffer.
fn place(offset: usize, length: usize) -> Result<DmaAddress> {
    match offset.checked_add(length) {
        Some(end) if end <= BUFFER_SIZE && length != 0 => Ok(BUFFER + offset as DmaAddress),
        _ => Err(EINVAL),
    }
}
