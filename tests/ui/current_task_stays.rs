// SPDX-License-Identifier: GPL-2.0

//! The current task is known to exist while its own function runs.

#![forbid(unsafe_code)]

use kernel::{prelude::*, sync::aref::ARef, task::Task};

#[cfg(not(reject))]
pub fn kept() -> ARef<Task> {
    ARef::from(&**current!())
}

#[cfg(reject)]
pub fn kept() -> &'static Task {
    current!() //~ E0515
}

fn send<T: Send>(_: T) {}

pub fn sent() {
    #[cfg(not(reject_2))]
    send(kept());
    #[cfg(reject_2)]
    send(current!()); //~2 E0277
}
