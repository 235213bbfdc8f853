// SPDX-License-Identifier: GPL-2.0

//! The twin of `bench_c_i2c.c`: a byte over SMBus, from the adapter of `bench_adapter.c`.

#![deny(unsafe_code)]

use kernel::{
    device::Core,
    i2c::{self, I2cClient},
    prelude::*,
};

mod measure;

use measure::measure;

struct Bench;

kernel::i2c_device_table!(TABLE, (), [(i2c::DeviceId::new(c"bench"), ())]);

impl i2c::Driver for Bench {
    type IdInfo = ();
    type Data<'bound> = ();
    const I2C_ID_TABLE: Option<i2c::IdTable<()>> = Some(&TABLE);

    fn probe<'bound>(
        client: &'bound I2cClient<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<(), Error> + 'bound {
        pin_init::pin_init_scope(move || {
            let mut byte = Ok(0);
            measure("smbus", 50, |_| byte = client.smbus_read_byte_data(7));
            match byte {
                Ok(0xf8) => Ok(()),
                _ => Err(EIO),
            }
        })
    }
}

kernel::module_i2c_driver! {
    type: Bench,
    name: "bench_rust_i2c",
    authors: ["The Lifebound developers"],
    description: "What make bench does on I2C, in Rust",
    license: "GPL",
}
