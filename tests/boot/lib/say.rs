// SPDX-License-Identifier: GPL-2.0

//! How a driver on the I2C bus reports the result of a call: `#[path = "../lib/say.rs"] mod say;`.

use kernel::{device::Bound, i2c::I2cClient, prelude::*};

pub(crate) fn say<T: kernel::fmt::Debug>(client: &I2cClient<Bound>, what: &str, result: Result<T>) {
    match result {
        Ok(value) => dev_info!(client, "{what}: {value:x?}\n"),
        Err(error) => dev_info!(client, "{what}: {error:?}\n"),
    }
}
