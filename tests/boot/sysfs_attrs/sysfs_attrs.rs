// SPDX-License-Identifier: GPL-2.0

//! Attributes in sysfs that use the driver's data. The data go while the attributes are read. See
//! `boot` in this directory.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    io::Io,
    pci,
    prelude::*,
    scope::Scope,
    str::{BStr, parse_int::ParseInt},
    sync::atomic::{Atomic, Relaxed},
    sysfs::{Attribute, Attributes, Group},
    time::{Delta, delay::fsleep},
};

struct Data<'bound> {
    pdev: &'bound pci::Device<Bound>,
    bar: pci::Bar<'bound, 0x100>,
    level: Atomic<u32>,
    inside: Atomic<u32>,
}

impl Drop for Data<'_> {
    fn drop(&mut self) {
        let inside = self.inside.load(Relaxed);
        if inside != 0 || self.bar.read32(0) != 0x0100_00ed {
            dev_err!(self.pdev, "TOO EARLY: {inside} attributes are being read\n");
        }
        dev_info!(self.pdev, "data dropped\n");
    }
}

/// Attributes next to the device's own ones.
struct Beside<'x, 'bound>(&'x Data<'bound>);

impl Attributes for Beside<'_, '_> {
    const LIST: &'static [Attribute] = &[
        Attribute::read_only(c"identity"),
        Attribute::read_write(c"level"),
        Attribute::read_only(c"long"),
    ];

    fn show(&self, name: &CStr, f: &mut dyn fmt::Write) -> Result {
        let data = self.0;
        data.inside.add(1, Relaxed);
        let result = match name.to_bytes() {
            b"identity" => {
                fsleep(Delta::from_millis(5));
                writeln!(f, "{:#x}", data.bar.read32(0))
            }
            b"level" => writeln!(f, "{}", data.level.load(Relaxed)),
            _ => (0..1000).try_for_each(|line| writeln!(f, "line {line}")),
        };
        data.inside.fetch_sub(1, Relaxed);
        Ok(result?)
    }

    fn store(&self, _name: &CStr, text: &[u8]) -> Result {
        self.0
            .level
            .store(u32::from_str(BStr::from_bytes(text))?, Relaxed);
        Ok(())
    }
}

/// Attributes in a directory.
struct Below;

impl Attributes for Below {
    const LIST: &'static [Attribute] = &[Attribute::write_only(c"sink")];

    fn store(&self, name: &CStr, text: &[u8]) -> Result {
        pr_info!("{} takes {} bytes\n", name, text.len());
        Ok(())
    }
}

struct Edu;

kernel::pci_device_table!(
    TABLE,
    (),
    [(
        pci::DeviceId::from_id(pci::Vendor::from_raw(0x1234), 0x11e8),
        ()
    )]
);

impl pci::Driver for Edu {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            pdev.enable_device_mem()?;
            Ok(Data {
                pdev,
                bar: pdev.iomap_region_sized(0, c"sysfs_attrs")?,
                level: Atomic::new(1),
                inside: Atomic::new(0),
            })
        })
    }

    fn attach<'bound, 'x>(
        _pdev: &'bound pci::Device<Core<'_>>,
        data: Pin<&'x Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        core::mem::forget(Group::new(scope, None, Beside(data.get_ref()))?);
        Group::new(scope, Some(c"below"), Below)?.detach();
        drop(Group::new(scope, Some(c"early"), Below)?);
        Ok(())
    }
}

kernel::module_driver!(<T>, pci::Adapter<T>, {
    type: Edu,
    name: "sysfs_attrs",
    authors: ["The Lifebound developers"],
    description: "Attributes whose data go while they are read",
    license: "GPL",
});
