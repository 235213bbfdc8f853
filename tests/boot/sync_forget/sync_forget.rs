// SPDX-License-Identifier: GPL-2.0

//! Locks a mutex in the process that loads the module; then the process ends. See `boot` in this
//! directory.

#![forbid(unsafe_code)]

use kernel::{
    new_mutex,
    prelude::*,
    sync::{Arc, Mutex},
};

struct Forgetful;

impl kernel::Module for Forgetful {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let mutex: Arc<Mutex<u32>> = Arc::pin_init(new_mutex!(0), GFP_KERNEL)?;
        let guard = mutex.lock();
        if module_parameters::forget.read() {
            core::mem::forget(guard);
            core::mem::forget(mutex.clone());
        }
        // The module need not be loaded: there is nothing more to do.
        Err(EAGAIN)
    }
}

module! {
    type: Forgetful,
    name: "sync_forget",
    authors: ["The Lifebound developers"],
    description: "Forgets the guard of a mutex",
    license: "GPL",
    params: {
        forget: bool {
            default: false,
            description: "Forget the guard",
        },
    },
}
