// SPDX-License-Identifier: GPL-2.0

//! A driver for small flashes on SPI: it erases, writes and compares the last sector, then restores
//! it.
//!
//! SPI devices do not announce themselves: firmware describes them, or code does. QEMU's `q35`
//! machine has no SPI bus. The module `spi_flash_model`, in C, is a controller with two flashes.
//!
//! Run it: `make run SAMPLE=spi_flash`.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    io::poll::read_poll_timeout,
    prelude::*,
    spi::{self, Mode, Settings, Transfer},
    time::Delta,
};

const PAGE_PROGRAM: u8 = 0x02;
const READ_DATA: u8 = 0x03;
const READ_STATUS: u8 = 0x05;
const WRITE_ENABLE: u8 = 0x06;
const SECTOR_ERASE: u8 = 0x20;
const JEDEC_ID: u8 = 0x9f;

const STATUS_BUSY: u8 = 0x01;

/// What one command programs at most, and what one erases.
const PAGE: usize = 0x100;
const SECTOR: usize = 0x1000;

/// The longest that programming or erasing takes.
const BUSY_TIME: Delta = Delta::from_millis(400);

/// A type of flash.
struct Info {
    id: [u8; 3],
    bytes: usize,
}

/// A command with an address, whose 24 bits follow it.
fn command(command: u8, address: usize) -> [u8; 4] {
    let [.., high, middle, low] = address.to_be_bytes();
    [command, high, middle, low]
}

/// A flash, for as long as it is bound.
struct Flash<'bound>(&'bound spi::Device<Bound>);

impl Flash<'_> {
    fn id(&self) -> Result<[u8; 3]> {
        let mut id = [0; 3];
        self.0.write_then_read(&[JEDEC_ID], &mut id)?;
        Ok(id)
    }

    fn read(&self, address: usize, to: &mut [u8]) -> Result {
        self.0.write_then_read(&command(READ_DATA, address), to)
    }

    /// Sends a command that changes the flash, with its data, and waits until that is done.
    fn change(&self, command: &[u8], data: &[u8]) -> Result {
        self.0.write(&[WRITE_ENABLE])?;
        self.0
            .sync_transfer(&mut [Transfer::write(command), Transfer::write(data)])?;
        let status = || {
            let mut status = [0];
            self.0.write_then_read(&[READ_STATUS], &mut status)?;
            Ok(status[0])
        };
        let is_done = |status: &u8| status & STATUS_BUSY == 0;
        read_poll_timeout(status, is_done, Delta::from_micros(500), BUSY_TIME).map(|_| ())
    }

    /// Erases the sector at an address, and writes to it from its beginning.
    fn rewrite(&self, address: usize, data: &[u8]) -> Result {
        self.change(&command(SECTOR_ERASE, address), &[])?;
        for (page, place) in data.chunks(PAGE).zip((address..).step_by(PAGE)) {
            self.change(&command(PAGE_PROGRAM, place), page)?;
        }
        Ok(())
    }
}

/// Lives from `probe` until the device is unbound.
struct Data<'bound> {
    flash: Flash<'bound>,
    /// The sector that is written to, and what was there before.
    place: usize,
    before: KVec<u8>,
}

struct SpiFlash;

kernel::spi_device_table!(
    TABLE,
    Info,
    [(
        spi::DeviceId::new(c"w25x05"),
        Info {
            id: [0xef, 0x30, 0x10],
            bytes: 0x10000
        }
    )]
);

impl spi::Driver for SpiFlash {
    type IdInfo = Info;
    type Data<'bound> = Data<'bound>;
    const SPI_ID_TABLE: Option<spi::IdTable<Info>> = Some(&TABLE);

    fn probe<'bound>(
        dev: &'bound spi::Device<Core<'_>>,
        info: Option<&'bound Info>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            let info = info.ok_or(EINVAL)?;
            dev.setup(Settings {
                mode: Mode::MODE_0,
                bits_per_word: 8,
                ..dev.settings()
            })?;
            let flash = Flash(dev);
            if flash.id()? != info.id {
                return Err(ENODEV);
            }
            let place = info.bytes.checked_sub(SECTOR).ok_or(EINVAL)?;
            dev_info!(
                dev,
                "{} bytes at chip select {}, {} Hz\n",
                info.bytes,
                dev.chip_select(),
                dev.max_speed_hz()
            );
            Ok(Data::new(flash, place))
        })
    }

    fn unbind<'bound>(dev: &'bound spi::Device<Core<'_>>, _data: Pin<&Data<'bound>>) {
        dev_info!(dev, "unbind\n");
    }
}

impl<'bound> Data<'bound> {
    /// Writes to a sector, and compares. The sector is restored when the value is dropped.
    fn new(flash: Flash<'bound>, place: usize) -> Result<Self> {
        let mut before = KVec::zeroed(SECTOR, GFP_KERNEL)?;
        flash.read(place, &mut before)?;
        let data = Self {
            flash,
            place,
            before,
        };
        data.flash.rewrite(place, b"lifebound")?;
        let mut found = [0; 9];
        data.flash.read(place, &mut found)?;
        let found = str::from_utf8(&found).unwrap_or("rubbish");
        dev_info!(data.flash.0, "read back {found:?}\n");
        Ok(data)
    }

    /// Puts back what was there before; tells whether that is there again.
    fn restore(&self) -> Result<bool> {
        self.flash.rewrite(self.place, &self.before)?;
        let mut found = KVec::zeroed(SECTOR, GFP_KERNEL)?;
        self.flash.read(self.place, &mut found)?;
        Ok(found == self.before)
    }
}

impl Drop for Data<'_> {
    /// The device still works here.
    fn drop(&mut self) {
        dev_info!(self.flash.0, "restored: {:?}\n", self.restore());
    }
}

kernel::module_spi_driver! {
    type: SpiFlash,
    name: "spi_flash",
    authors: ["The Lifebound developers"],
    description: "Driver for small SPI flashes",
    license: "GPL",
}
