// SPDX-License-Identifier: GPL-2.0

//! What two drivers share: a message with its checksum, in memory of the kernel's.

#![forbid(unsafe_code)]

use kernel::{device::Device, prelude::*};

/// A message, and the checksum behind it.
pub struct Message(KVec<u8>);

impl Message {
    /// Copies `text`. `ENOMEM` if there is no memory.
    pub fn new(text: &[u8]) -> Result<Self> {
        let mut bytes = KVec::with_capacity(text.len() + 1, GFP_KERNEL)?;
        bytes.extend_from_slice(text, GFP_KERNEL)?;
        bytes.push(checksum::crc8(text), GFP_KERNEL)?;
        Ok(Self(bytes))
    }

    /// Logs the checksum, for a driver that has a device.
    pub fn show(&self, dev: &Device) {
        dev_info!(dev, "the checksum is {:x?}\n", self.checksum());
    }

    /// The last byte.
    pub fn checksum(&self) -> Option<u8> {
        self.0.last().copied()
    }
}
