// SPDX-License-Identifier: GPL-2.0

//! Panics in functions of several kinds. See `boot` in this directory, and
//! `tests/scripts/decode-log.sh`.

#![forbid(unsafe_code)]

use kernel::{
    InPlaceModule,
    fs::{File, Kiocb},
    iov::IovIterSource,
    miscdevice::{MiscDevice, MiscDeviceOptions, MiscDeviceRegistration},
    prelude::*,
    sync::{Mutex, global_lock},
};

global_lock! {
    /// What the thread that panics has locked.
    static HELD: Mutex<u8> = 0;
}

struct Table<'a>(&'a [u8]);

impl Table<'_> {
    /// Is out of range.
    #[inline(never)]
    fn after_the_end(&self) -> u8 {
        self.0[self.0.len()]
    }
}

#[inline(never)]
fn no_number(text: &[u8]) -> u8 {
    let number: Option<u8> = text.first().and_then(|first| first.checked_sub(255));
    number.expect("a number")
}

#[inline(never)]
fn count(text: &[u8], start: u8) -> u8 {
    assert_eq!(text.len(), usize::from(start), "counted wrongly");
    start
}

#[inline(never)]
fn hold() -> u8 {
    let held = HELD.lock();
    assert!(*held != 0, "while it holds a lock");
    *held
}

/// Executes the commands that are written to it.
struct Command;

#[vtable]
impl MiscDevice for Command {
    type Ptr = ();

    fn open(_file: &File, _misc: &MiscDeviceRegistration<Self>) -> Result {
        Ok(())
    }

    fn write_iter(_kiocb: Kiocb<'_, ()>, iov: &mut IovIterSource<'_>) -> Result<usize> {
        let mut buffer = [0; 16];
        let length = iov.copy_from_iter(&mut buffer);
        let text = buffer.get(..length).unwrap_or_default();
        let result = match text {
            b"index\n" => Table(text).after_the_end(),
            b"expect\n" => no_number(text),
            b"assert\n" => count(text, 1),
            b"hold\n" => hold(),
            b"look\n" => {
                let is_free = HELD.try_lock().is_some();
                pr_info!("the lock is {}\n", if is_free { "free" } else { "held" });
                return Ok(length);
            }
            _ => return Err(EINVAL),
        };
        pr_err!("still there: {result}\n");
        Ok(length)
    }
}

#[pin_data]
struct Panics {
    #[pin]
    node: MiscDeviceRegistration<Command>,
}

impl InPlaceModule for Panics {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            node <- MiscDeviceRegistration::register(MiscDeviceOptions { name: c"panic_names" }),
        })
    }
}

module! {
    type: Panics,
    name: "panic_names",
    description: "Panics in functions of several kinds",
    license: "GPL",
}
