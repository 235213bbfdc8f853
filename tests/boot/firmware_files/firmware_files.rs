// SPDX-License-Identifier: GPL-2.0

//! Files that a driver loads for its device: in memory of the kernel's, in a buffer, and files that
//! are missing. See `boot` in this directory.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core, Device},
    firmware::{self, Firmware},
    pci,
    prelude::*,
};

/// The files that the module names.
struct Files<const N: usize>;

impl<const N: usize> Files<N> {
    const fn create(module_name: &'static CStr) -> firmware::ModInfoBuilder<N> {
        firmware::ModInfoBuilder::new(module_name)
            .new_entry()
            .push("lifebound/")
            .push("small.bin")
            .new_entry()
            .push("lifebound/missing.bin")
    }
}

kernel::module_firmware!(Files);

struct FirmwareFiles;

kernel::pci_device_table!(
    TABLE,
    (),
    [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 0x0005), ())]
);

fn load(dev: &Device<Bound>) -> Result {
    let small = Firmware::request(c"lifebound/small.bin", dev)?;
    dev_info!(dev, "{} bytes: {:?}\n", small.size(), small.data());
    let empty = Firmware::request(c"lifebound/empty.bin", dev).map(|file| file.data().len());
    dev_info!(dev, "empty: {empty:?}\n");
    let missing = Firmware::request(c"lifebound/missing.bin", dev).map(drop);
    dev_info!(dev, "missing: {missing:?}\n");
    let quiet = Firmware::request_nowarn(c"lifebound/quiet.bin", dev).map(drop);
    dev_info!(dev, "may be missing: {quiet:?}\n");
    let unnamed = Firmware::request_nowarn(c"", dev).map(drop);
    dev_info!(dev, "without a name: {unnamed:?}\n");

    let mut buffer = [0; 8];
    firmware::request_into_buf(c"lifebound/buffer.bin", dev, &mut buffer)?;
    dev_info!(dev, "in a buffer: {buffer:?}\n");
    let too_small = firmware::request_into_buf(c"lifebound/buffer.bin", dev, &mut [0; 2]);
    dev_info!(dev, "too small: {}\n", too_small.is_err());
    let none = firmware::request_into_buf(c"lifebound/buffer.bin", dev, &mut []);
    dev_info!(dev, "no buffer: {none:?}\n");
    // C may keep a copy of what was loaded into its own memory.
    let kept = firmware::request_into_buf(c"lifebound/small.bin", dev, &mut buffer);
    dev_info!(dev, "loaded before: {kept:?}\n");
    Ok(())
}

impl pci::Driver for FirmwareFiles {
    type IdInfo = ();
    type Data<'bound> = Firmware;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Firmware, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            load(pdev.as_ref())?;
            Ok(Firmware::request(c"lifebound/small.bin", pdev.as_ref()))
        })
    }

    fn unbind<'bound>(pdev: &'bound pci::Device<Core<'_>>, data: Pin<&Firmware>) {
        dev_info!(pdev, "at the end: {:?}\n", data.data());
    }
}

kernel::module_pci_driver! {
    type: FirmwareFiles,
    name: "firmware_files",
    authors: ["The Lifebound developers"],
    description: "Files for a device",
    license: "GPL",
}
