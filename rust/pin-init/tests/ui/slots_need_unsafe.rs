// SPDX-License-Identifier: GPL-2.0

//! Safe code cannot make the right to initialise a field, nor the ownership of one.

use pin_init::__internal::{Guard, PinSlot, Slot};

#[cfg(not(reject))]
pub fn slots(_: *mut u8) -> Option<(Slot<u8>, PinSlot<u8>, Guard<u8>)> {
    None
}

#[cfg(reject)]
pub fn slots(field: *mut u8) -> Option<(Slot<u8>, PinSlot<u8>, Guard<u8>)> {
    let slot = Slot::new(field); //~ E0133
    let pin_slot = PinSlot::new(field); //~ E0133
    Some((slot, pin_slot, Guard::new(field))) //~ E0133
}
