// SPDX-License-Identifier: GPL-2.0

//! Data have a counter that only one thread may use.

#![forbid(unsafe_code)]

use core::cell::Cell;
use kernel::{
    irq::{Handler, IrqReturn},
    prelude::*,
    sync::atomic::{Atomic, Relaxed},
};

pub struct Data {
    #[cfg(not(reject))]
    pub count: Atomic<u32>,
    #[cfg(reject)]
    pub count: Cell<u32>,
    #[cfg(reject_2)]
    pub buffer: *mut u8,
}

impl Handler for Data {
    fn handle(&self) -> IrqReturn {
        #[cfg(not(reject))]
        self.count.store(1, Relaxed);
        #[cfg(reject)]
        self.count.set(1);
        IrqReturn::Handled
    }
}

pub fn unused() -> Cell<u32> {
    Cell::new(0)
}

pub fn also_unused() -> (Atomic<u32>, Relaxed) {
    (Atomic::new(0), Relaxed)
}

pub fn result() -> Result {
    Ok(())
}
