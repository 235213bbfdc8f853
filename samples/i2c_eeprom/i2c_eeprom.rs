// SPDX-License-Identifier: GPL-2.0

//! A driver for small EEPROMs on I2C: reads, writes and compares a page.
//!
//! QEMU's `q35` machine has eight of them on its SMBus, at 0x50 to 0x57. I2C devices do not
//! announce themselves; here the user announces one, by writing type and address to the adapter's
//! `new_device`.
//!
//! To run it: `make run SAMPLE=i2c_eeprom`.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    i2c::{self, Functionality, I2cClient},
    prelude::*,
    time::{Delta, delay::fsleep},
};

/// The number of bytes that an EEPROM stores in one go; a longer write would start again at the
/// beginning of the page.
const PAGE: usize = 8;

/// The longest time that storing a page may take.
const WRITE_TIME: Delta = Delta::from_millis(5);

/// The size of a type of EEPROM.
struct Info {
    bytes: usize,
}

/// The driver's data, which live from `probe` until the device is unbound.
struct Data<'bound> {
    client: &'bound I2cClient<Bound>,
    /// The page that is written to, and its content before.
    place: u8,
    before: [u8; PAGE],
}

/// Reads byte by byte. With QEMU's SMBus and C's driver for it, the last byte of a block is not the
/// device's.
fn read(client: &I2cClient<Bound>, place: u8) -> Result<[u8; PAGE]> {
    let mut page = [0; PAGE];
    for (byte, command) in page.iter_mut().zip(place..=u8::MAX) {
        *byte = client.smbus_read_byte_data(command)?;
    }
    Ok(page)
}

fn write(client: &I2cClient<Bound>, place: u8, page: &[u8; PAGE]) -> Result {
    client.smbus_write_i2c_block_data(place, page)?;
    fsleep(WRITE_TIME);
    Ok(())
}

impl<'bound> Data<'bound> {
    /// Writes to a page, and compares. The page is restored when the value is dropped.
    fn new(client: &'bound I2cClient<Bound>, place: u8) -> Result<Self> {
        let data = Self {
            client,
            place,
            before: read(client, place)?,
        };
        write(client, place, b"lifebnd!")?;
        let found = read(client, place)?;
        dev_info!(
            client,
            "read back {:?}\n",
            str::from_utf8(&found).unwrap_or("rubbish")
        );
        Ok(data)
    }
}

struct Eeprom;

kernel::i2c_device_table!(
    TABLE,
    Info,
    [
        (i2c::DeviceId::new(c"24c01"), Info { bytes: 128 }),
        (i2c::DeviceId::new(c"24c02"), Info { bytes: 256 }),
    ]
);

impl i2c::Driver for Eeprom {
    type IdInfo = Info;
    type Data<'bound> = Data<'bound>;
    const I2C_ID_TABLE: Option<i2c::IdTable<Info>> = Some(&TABLE);

    fn probe<'bound>(
        client: &'bound I2cClient<Core<'_>>,
        info: Option<&'bound Info>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            let bytes = info.ok_or(EINVAL)?.bytes;
            let adapter = client.adapter();
            let needed = Functionality::SMBUS_READ_BYTE_DATA | Functionality::SMBUS_WRITE_I2C_BLOCK;
            if !adapter.functionality().contains(needed) {
                return Err(EOPNOTSUPP);
            }
            let last = bytes.checked_sub(PAGE).ok_or(EINVAL)?;
            dev_info!(
                client,
                "{bytes} bytes at address {:#x} of bus {}\n",
                client.addr(),
                adapter.index()
            );
            Ok(Data::new(client, u8::try_from(last)?))
        })
    }

    fn unbind<'bound>(client: &'bound I2cClient<Core<'_>>, _data: Pin<&Data<'bound>>) {
        dev_info!(client, "unbind\n");
    }
}

impl Drop for Data<'_> {
    /// The device still works here.
    fn drop(&mut self) {
        let restored = write(self.client, self.place, &self.before);
        let found = restored.and_then(|()| read(self.client, self.place));
        dev_info!(
            self.client,
            "restored: {}\n",
            found.is_ok_and(|found| found == self.before)
        );
    }
}

kernel::module_i2c_driver! {
    type: Eeprom,
    name: "i2c_eeprom",
    authors: ["The Lifebound developers"],
    description: "Driver for small I2C EEPROMs",
    license: "GPL",
}
