// SPDX-License-Identifier: GPL-2.0

//! A module whose start fails after a program has opened its files. See `boot` in this directory.

#![forbid(unsafe_code)]

use kernel::{
    debugfs::Dir,
    fs::File,
    miscdevice::{MiscDevice, MiscDeviceOptions, MiscDeviceRegistration},
    prelude::*,
    sync::atomic::{Acquire, Atomic, Release},
    time::{Delta, delay::fsleep},
};

static OPENED: Atomic<bool> = Atomic::new(false);

/// Reports when it is closed.
struct Open;

impl Drop for Open {
    fn drop(&mut self) {
        pr_info!("closed\n");
    }
}

#[vtable]
impl MiscDevice for Open {
    type Ptr = KBox<Self>;

    fn open(_file: &File, _misc: &MiscDeviceRegistration<Self>) -> Result<KBox<Self>> {
        OPENED.store(true, Release);
        Ok(KBox::new(Self, GFP_KERNEL)?)
    }
}

struct Fails;

impl kernel::Module for Fails {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let dir = Dir::new(c"start_fails");
        let _number = KBox::pin_init(dir.read_only_file::<u32, _>(c"number", 5), GFP_KERNEL)?;
        let options = MiscDeviceOptions {
            name: c"start_fails",
        };
        let _node = KBox::pin_init(
            MiscDeviceRegistration::<Open>::register(options),
            GFP_KERNEL,
        )?;
        while !OPENED.load(Acquire) {
            fsleep(Delta::from_millis(20));
        }
        Err(EAGAIN)
    }
}

module! {
    type: Fails,
    name: "start_fails",
    authors: ["The Lifebound developers"],
    description: "Fails to start when its files are open",
    license: "GPL",
}
