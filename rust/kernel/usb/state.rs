// SPDX-License-Identifier: GPL-2.0

//! What the crate keeps for each bound interface.

use super::{DeviceId, Interface};
use crate::{
    device::Bound,
    devres::Slot,
    prelude::*,
    sync::atomic::{Acquire, Atomic, Relaxed, Release},
};

/// See the [module's documentation](self). Kept until the binding ends.
pub(super) struct BindingState {
    /// What matched, for `probe`.
    pub(super) id: DeviceId,
    /// How many transfers use the current altsetting, or [`SWITCHING`].
    users: Atomic<i32>,
}

static STATE: Slot<BindingState> = Slot::new();

const SWITCHING: i32 = -1;

impl BindingState {
    /// Begins to keep it for a binding. May sleep. Errors: `ENOMEM`.
    pub(super) fn keep(interface: &Interface<Bound>, id: DeviceId) -> Result<&Self> {
        let state = Self {
            id,
            users: Atomic::new(0),
        };
        STATE.fill(interface.as_ref(), state)
    }

    /// Finds that of a binding. Any context. Errors: `ENODEV`, before `probe` was called.
    pub(super) fn of(interface: &Interface<Bound>) -> Result<&Self> {
        STATE.get(interface.as_ref()).ok_or(ENODEV)
    }

    /// Keeps the current altsetting until the guard is dropped. Any context. Errors: `EBUSY` while it is switched.
    pub(super) fn use_altsetting(&self) -> Result<InUse<'_>> {
        let mut users = self.users.load(Relaxed);
        loop {
            // One for each thread in a transfer: the sum is far from the end of the type.
            let more = users.checked_add(1).filter(|more| *more > 0).ok_or(EBUSY)?;
            if self.users.try_cmpxchg(&mut users, more, Acquire) {
                return Ok(InUse(self));
            }
        }
    }

    /// Keeps all transfers out until the guard is dropped. Any context. Errors: `EBUSY` if there are any.
    pub(super) fn switch_altsetting(&self) -> Result<Switching<'_>> {
        match self.users.cmpxchg(0, SWITCHING, Acquire) {
            Ok(_) => Ok(Switching(self)),
            Err(_) => Err(EBUSY),
        }
    }
}

/// The altsetting stays.
pub(super) struct InUse<'a>(&'a BindingState);

impl Drop for InUse<'_> {
    fn drop(&mut self) {
        // OVERFLOW: it counts this guard.
        self.0.users.fetch_sub(1, Release);
    }
}

/// No transfer runs.
pub(super) struct Switching<'a>(&'a BindingState);

impl Drop for Switching<'_> {
    fn drop(&mut self) {
        self.0.users.store(0, Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> BindingState {
        BindingState {
            id: DeviceId::from_id(1, 2),
            users: Atomic::new(0),
        }
    }

    #[test]
    fn transfers_share_the_altsetting() {
        let state = state();
        let first = state.use_altsetting();
        let second = state.use_altsetting();
        assert!(first.is_ok() && second.is_ok());
        assert_eq!(state.switch_altsetting().err(), Some(EBUSY));
        drop(first);
        assert_eq!(state.switch_altsetting().err(), Some(EBUSY));
        drop(second);
        assert!(state.switch_altsetting().is_ok());
    }

    #[test]
    fn switching_keeps_transfers_out() {
        let state = state();
        let switching = state.switch_altsetting();
        assert!(switching.is_ok());
        assert_eq!(state.use_altsetting().err(), Some(EBUSY));
        assert_eq!(state.switch_altsetting().err(), Some(EBUSY));
        drop(switching);
        assert!(state.use_altsetting().is_ok());
    }
}
