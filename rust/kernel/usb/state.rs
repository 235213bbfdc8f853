// SPDX-License-Identifier: GPL-2.0

//! The state that the crate keeps for each bound interface.

use super::{device::Interface, id::DeviceId};
use crate::{
    binding::{self, Part},
    device::Bound,
    prelude::*,
    sync::atomic::{Acquire, Atomic, Relaxed, Release},
};

/// The state of one bound interface, kept until the binding ends.
pub struct BindingState {
    /// The matching id, for `probe`.
    pub(super) id: DeviceId,
    /// Transfers share this gate. A thread that switches the altsetting enters it alone.
    pub(super) altsetting: Gate,
    /// One gate for each [`endpoint_index`]. Transfers share it. A thread that clears a halt enters
    /// it alone.
    endpoints: [Gate; 32],
}

/// The index of an endpoint among all: its number, plus 16 if it sends to the host.
fn endpoint_index(address: u8) -> usize {
    usize::from(address & 0xf | (address & 0x80) >> 3)
}

impl BindingState {
    pub(super) fn new(id: DeviceId) -> Self {
        Self {
            id,
            altsetting: Gate::new(),
            endpoints: [const { Gate::new() }; 32],
        }
    }

    /// Finds the state of a binding. Errors: `ENODEV` if this module has not bound the interface.
    ///
    /// Context: any context.
    pub(super) fn of(interface: &Interface<Bound>) -> Result<&Self> {
        let binding = binding::of(interface).map_err(|_| ENODEV)?;
        binding.part().ok_or(ENODEV)
    }

    /// The gate of an endpoint.
    pub(super) fn endpoint(&self, address: u8) -> &Gate {
        // PANIC: the index has five bits, so it is below 32.
        &self.endpoints[endpoint_index(address)]
    }
}

impl Part for BindingState {}

/// A gate that lets many threads in, or one alone. Entering never waits.
pub(super) struct Gate(Atomic<i32>);

const ALONE: i32 = -1;

impl Gate {
    const fn new() -> Self {
        Self(Atomic::new(0))
    }

    /// Enters with others, until the guard is dropped. Errors: `EBUSY` if a thread is in the gate
    /// alone.
    ///
    /// Context: any context.
    pub(super) fn share(&self) -> Result<SharedState<'_>> {
        let mut users = self.0.load(Relaxed);
        loop {
            // The count has one share for each thread in a transfer, so it stays far below the
            // type's maximum.
            let more = users.checked_add(1).filter(|more| *more > 0).ok_or(EBUSY)?;
            if self.0.try_cmpxchg(&mut users, more, Acquire) {
                return Ok(SharedState(self));
            }
        }
    }

    /// Enters alone, until the guard is dropped. Errors: `EBUSY` if any thread is in the gate.
    ///
    /// Context: any context.
    pub(super) fn enter_alone(&self) -> Result<Alone<'_>> {
        match self.0.cmpxchg(0, ALONE, Acquire) {
            Ok(_) => Ok(Alone(self)),
            Err(_) => Err(EBUSY),
        }
    }
}

/// A share in the gate: nobody is in it alone.
pub(super) struct SharedState<'a>(&'a Gate);

impl Drop for SharedState<'_> {
    fn drop(&mut self) {
        // OVERFLOW: the count includes this guard.
        self.0.0.fetch_sub(1, Release);
    }
}

/// The sole entry into the gate: nobody else is in it.
pub(super) struct Alone<'a>(&'a Gate);

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        self.0.0.store(0, Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_share_a_gate() {
        let gate = Gate::new();
        let first = gate.share();
        let second = gate.share();
        assert!(first.is_ok() && second.is_ok());
        assert_eq!(gate.enter_alone().err(), Some(EBUSY));
        drop(first);
        assert_eq!(gate.enter_alone().err(), Some(EBUSY));
        drop(second);
        assert!(gate.enter_alone().is_ok());
    }

    #[test]
    fn who_is_alone_keeps_others_out() {
        let gate = Gate::new();
        let alone = gate.enter_alone();
        assert!(alone.is_ok());
        assert_eq!(gate.share().err(), Some(EBUSY));
        assert_eq!(gate.enter_alone().err(), Some(EBUSY));
        drop(alone);
        assert!(gate.share().is_ok());
    }

    #[test]
    fn each_endpoint_has_its_gate() {
        let state = BindingState::new(DeviceId::from_id(1, 2));
        let busy = state.endpoint(0x81).share();
        assert!(busy.is_ok());
        for address in (0..16_u8).flat_map(|number| [number, number | 0x80]) {
            let alone = state.endpoint(address).enter_alone();
            assert_eq!(alone.is_ok(), address != 0x81, "{address:#x}");
        }
        let _ = state.endpoint(0xff);
    }
}
