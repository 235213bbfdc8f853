// SPDX-License-Identifier: GPL-2.0

//! Parameters that users write while the module is loaded. See `boot` in this directory.

#![forbid(unsafe_code)]

use kernel::{
    prelude::*,
    sync::{Mutex, global_lock},
    time::{Delta, delay::fsleep},
};

global_lock! {
    /// The values that the callback was told.
    static TOLD: Mutex<KVec<u32>> = KVec::new();
}

/// Takes its time, and accepts no value above 1000.
fn rate_changed(rate: u32) -> Result {
    pr_info!("rate {} to {rate}\n", module_parameters::rate.read());
    if rate > 1000 {
        return Err(EDOM);
    }
    fsleep(Delta::from_millis(i64::from(rate)));
    TOLD.lock().push(rate, GFP_KERNEL)?;
    pr_info!("rate is {rate}\n");
    Ok(())
}

struct Params;

impl kernel::Module for Params {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        pr_info!("starts with rate {}\n", module_parameters::rate.read());
        Ok(Self)
    }
}

impl Drop for Params {
    fn drop(&mut self) {
        let told = TOLD.lock().iter().sum::<u32>();
        pr_info!(
            "ends, told {told}, loud {}\n",
            module_parameters::loud.read()
        );
    }
}

module! {
    type: Params,
    name: "param_writes",
    description: "Parameters that users write while the module is loaded",
    license: "GPL",
    params: {
        rate: u32 { default: 5, description: "Ticks", permissions: 0o644, on_write: rate_changed },
        loud: bool { default: false, description: "Loud", permissions: 0o600 },
        fixed: u8 { default: 1, description: "Fixed" },
    },
}
