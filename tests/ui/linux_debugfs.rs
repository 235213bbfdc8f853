// SPDX-License-Identifier: GPL-2.0

//! Files of debugfs in the spelling of Linux 7.3: whatever is `Debug` can be shown, a value needs
//! no error beside it, and bytes may be in a pinned box.

#![forbid(unsafe_code)]

use kernel::{
    debugfs::{Dir, File, Reader, Scope, Writer},
    prelude::*,
    sync::{Arc, Mutex, atomic::Atomic, new_mutex},
};

#[derive(Debug)]
pub struct State {
    _number: u32,
    _name: Option<u8>,
}

#[cfg(reject)]
pub struct Silent(u32);
#[cfg(not(reject))]
pub type Silent = State;

pub fn show<T: Writer>(_: &T) {}

pub fn shown(silent: &Silent, shared: &Arc<State>, numbers: &KVec<u8>) {
    show(silent); //~ E0277
    show(shared);
    show(numbers);
}

/// A type of the driver's own is read by `FromStr`.
#[derive(Debug)]
pub struct Address(u64);

#[cfg(not(reject_2))]
impl core::str::FromStr for Address {
    type Err = core::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

pub fn stored<T: Reader>(_: &T) {}

pub fn stores(address: &Mutex<Address>, flag: &Atomic<bool>, number: &Atomic<i32>) {
    stored(address); //~2 E0277
    stored(flag);
    stored(number);
}

#[pin_data]
pub struct Files {
    dir: Dir,
    #[pin]
    state: File<State>,
    #[pin]
    counter: File<Atomic<u32>>,
    #[pin]
    locked: File<Mutex<u32>>,
    #[pin]
    enabled: File<Mutex<bool>>,
    #[pin]
    address: File<Mutex<Address>>,
    #[pin]
    bytes: File<Pin<KBox<[u8; 16]>>>,
    #[pin]
    both: Scope<State>,
}

fn new_state() -> State {
    State {
        _number: 1,
        _name: None,
    }
}

pub fn files(dir: &Dir) -> impl PinInit<Files, Error> + '_ {
    try_pin_init!(Files {
        state <- dir.read_only_file(c"state", new_state()),
        counter <- dir.read_write_file(c"counter", Atomic::new(7)),
        locked <- dir.read_write_file(c"locked", new_mutex!(3, "linux_debugfs")),
        enabled <- dir.write_only_file(c"enabled", new_mutex!(false, "linux_debugfs")),
        address <- dir.read_only_file(c"address", new_mutex!(Address(0), "linux_debugfs")),
        bytes <- dir.read_binary_file(c"bytes", KBox::pin([0; 16], GFP_KERNEL)?),
        both <- dir.scope(new_state(), c"both", |state, dir| dir.read_only_file(c"state", state)),
        dir: dir.clone(),
    })
}
