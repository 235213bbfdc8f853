// SPDX-License-Identifier: GPL-2.0

//! A driver that makes one mistake, or forgets a value, as its parameter says. See `boot` in this
//! directory.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    devres::{self, Devres},
    io::Io,
    pci,
    prelude::*,
    sync::Arc,
};

/// A value that tells when it is dropped.
struct Tell(&'static str);

impl Drop for Tell {
    fn drop(&mut self) {
        pr_info!("dropped {}\n", self.0);
    }
}

#[pin_data(PinnedDrop)]
struct Data<'bound> {
    pdev: &'bound pci::Device<Bound>,
    first: Tell,
    second: Tell,
    bar: Option<pci::Bar<'bound, 0x10>>,
    shared: Option<Arc<pci::DevresBar<0x10>>>,
}

struct Faults;

kernel::pci_device_table!(
    TABLE,
    &'static str,
    [
        (
            pci::DeviceId::from_id(pci::Vendor::INTEL, 0x0001),
            "never there"
        ),
        (
            pci::DeviceId::from_id(pci::Vendor::REDHAT, 0x0005),
            "testdev"
        )
    ]
);

type Bar<'a> = pci::Bar<'a, 0x10>;

fn say<T, E: Into<Error>>(pdev: &pci::Device<Bound>, what: &str, result: Result<T, E>) {
    match result {
        Ok(_) => dev_info!(pdev, "{what}: accepted\n"),
        Err(error) => dev_info!(pdev, "{what}: {:?}\n", error.into()),
    }
}

/// Each wrong BAR has its error, and leaves nothing reserved.
fn wrong_bars(pdev: &pci::Device<Bound>) {
    say(
        pdev,
        "too small",
        pdev.iomap_region_sized::<0x10_0000>(0, c"faults"),
    );
    say(pdev, "port", pdev.iomap_region(1, c"faults"));
    say(pdev, "absent", pdev.iomap_region(3, c"faults"));
    say(pdev, "ROM", pdev.iomap_region(6, c"faults"));
    say(pdev, "window", pdev.iomap_region(7, c"faults"));
    say(pdev, "index", pdev.iomap_region(u32::MAX, c"faults"));
    say(
        pdev,
        "first",
        pdev.iomap_region(0, c"faults").map(|_first| {
            say(pdev, "second", pdev.iomap_region(0, c"faults"));
        }),
    );
    say(pdev, "again", pdev.iomap_region(0, c"faults"));
}

/// Allocations that cannot succeed fail, whatever their kind.
fn no_memory(pdev: &pci::Device<Bound>) {
    say(
        pdev,
        "kmalloc",
        KVec::<u8>::with_capacity(1 << 40, GFP_KERNEL | __GFP_NOWARN),
    );
    say(
        pdev,
        "vmalloc",
        VVec::<u8>::with_capacity(1 << 46, GFP_KERNEL | __GFP_NOWARN),
    );
    say(
        pdev,
        "overflow",
        KVec::<u64>::with_capacity(usize::MAX / 4, GFP_KERNEL),
    );
}

/// Reads past the end, at run time and in configuration space.
fn bounds(pdev: &pci::Device<Bound>) -> Result {
    let bar = pdev.iomap_region(0, c"faults")?;
    say(pdev, "inside", bar.try_read32(bar.size() - 4));
    say(pdev, "past the end", bar.try_read32(bar.size() - 3));
    say(pdev, "unaligned", bar.try_read32(2));
    say(pdev, "overflowing", bar.try_read64(usize::MAX - 3));
    dev_info!(
        pdev,
        "config {:?} {}: {:#x} {:#x}\n",
        pdev.cfg_size(),
        pdev.config_space_len(),
        pdev.config_space().read32(0),
        pdev.config_space().read32(252)
    );
    say(pdev, "extended", pdev.config_space_extended());
    Ok(())
}

fn forget_all(pdev: &pci::Device<Bound>) -> Result {
    core::mem::forget(pdev.iomap_region_sized::<0x10>(0, c"forgotten")?);
    core::mem::forget(Devres::new(pdev.as_ref(), Tell("forgotten devres"))?);
    devres::register(pdev.as_ref(), Tell("registered"), GFP_KERNEL)?;
    Ok(())
}

impl pci::Driver for Faults {
    type IdInfo = &'static str;
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: pci::IdTable<&'static str> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        info: Option<&'bound &'static str>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            dev_info!(pdev, "probe as {:?}\n", info);
            let mode = module_parameters::mode.read();
            if mode == 8 {
                // Bus mastering is switched on without telling the crate.
                let command = pdev.config_space().read16(4);
                pdev.config_space().write16(command | 4, 4);
            } else {
                pdev.enable_device_mem()?;
                pdev.set_master();
            }
            let mut shared = None;
            match mode {
                1 => wrong_bars(pdev),
                2 => no_memory(pdev),
                3 => bounds(pdev)?,
                4 => forget_all(pdev)?,
                5 => {
                    let bar: Bar<'_> = pdev.iomap_region_sized(0, c"devres")?;
                    shared = Some(Arc::new(bar.into_devres()?, GFP_KERNEL)?);
                }
                _ => {}
            }
            Ok(try_pin_init!(Data {
                pdev: &**pdev,
                first: Tell("first"),
                second: if mode == 6 {
                    return Err(EIO);
                } else {
                    Tell("second")
                },
                bar: if mode == 7 {
                    drop(pdev.iomap_region_sized::<0x10_0000>(0, c"faults")?);
                    None
                } else if matches!(mode, 4 | 5 | 8) {
                    None
                } else {
                    Some(pdev.iomap_region_sized(0, c"faults")?)
                },
                shared,
            }))
        })
    }

    fn unbind<'bound>(pdev: &'bound pci::Device<Core<'_>>, data: Pin<&Data<'bound>>) {
        dev_info!(
            pdev,
            "unbind, command {:#x}\n",
            pdev.config_space().read16(4) & 6
        );
        if let Some(shared) = &data.shared {
            say(pdev, "devres access", shared.access(pdev.as_ref()));
            // A share is leaked; the BAR goes with the binding all the same.
            core::mem::forget(shared.clone());
        }
    }
}

#[pinned_drop]
impl PinnedDrop for Data<'_> {
    fn drop(self: Pin<&mut Self>) {
        let mapped = self.bar.as_ref().map(|bar| bar.read8(0));
        dev_info!(
            self.pdev,
            "data dropped, BAR {}\n",
            if mapped.is_some() {
                "works"
            } else {
                "elsewhere"
            }
        );
    }
}

kernel::module_driver!(<T>, pci::Adapter<T>, {
    type: Faults,
    name: "pci_faults",
    authors: ["The Lifebound developers"],
    description: "A PCI driver with faults to choose from",
    license: "GPL",
    params: {
        mode: u32 {
            default: 0,
            description: "Which fault",
        },
    },
});
