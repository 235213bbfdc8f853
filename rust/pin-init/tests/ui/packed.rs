// SPDX-License-Identifier: GPL-2.0

//! The destructor of a packed struct would move a misaligned field.

#[cfg(reject)]
#[pin_init::pin_data]
#[repr(C, packed(2))] //~ a packed struct cannot pin its fields
pub struct Packed {
    #[pin]
    pub a: u32,
}

#[cfg_attr(reject, pin_init::pin_data)]
#[cfg_attr(all(), repr(C, packed))] //~ a packed struct cannot pin its fields
pub struct Hidden {
    pub a: u32,
}
