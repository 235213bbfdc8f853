// SPDX-License-Identifier: GPL-2.0

//! Claims memory of platform devices in ways that must fail, or must not harm others. The name of a
//! device says what to try; board code (`lib/board.c`) adds the devices. See `boot` in this
//! directory.
//!
//! `unsafe` here stands for a lock in a static, which the crate does not have yet.

use kernel::{
    device::{Bound, Core},
    io::{
        Io,
        mem::{DevresExclusiveIoMem, ExclusiveIoMem, IoMem, IoRequest},
    },
    platform,
    prelude::*,
};

const SIZE: usize = 0x40;

/// The attack to try with a device.
#[derive(Clone, Copy)]
enum Attack {
    /// Only claim its memory.
    Plain,
    /// Claim it twice, and once more after it was released.
    Nested,
    /// Forget the claim and a mapping.
    Forget,
    /// Keep the claim after unbinding; the next device's probe drops it.
    Keep,
}

kernel::platform_device_table!(
    TABLE,
    Attack,
    [
        (platform::DeviceId::new(c"plain"), Attack::Plain),
        (platform::DeviceId::new(c"nested"), Attack::Nested),
        (platform::DeviceId::new(c"forget"), Attack::Forget),
        (platform::DeviceId::new(c"keep"), Attack::Keep),
    ]
);

static mut KEPT: Option<DevresExclusiveIoMem<SIZE>> = None;

/// Keeps a claim, and drops the one that was kept before.
fn keep(claim: Option<DevresExclusiveIoMem<SIZE>>) {
    // SAFETY: the reference requires that nobody else uses `KEPT`; the boot script adds one device
    // at a time.
    let kept = unsafe { &mut *(&raw mut KEPT) };
    *kept = claim;
}

struct Data<'bound> {
    claim: Option<ExclusiveIoMem<'bound, SIZE>>,
}

struct Regions;

fn request(pdev: &platform::Device<Bound>) -> Result<IoRequest<'_>> {
    pdev.io_request_by_index(0).ok_or(ENXIO)
}

fn nested(pdev: &platform::Device<Bound>, claim: ExclusiveIoMem<'_, SIZE>) -> Result {
    let second = request(pdev)?.iomap_exclusive_sized::<SIZE>().err();
    let shared = request(pdev)?.iomap()?;
    shared.try_write32(0x600d, 0)?;
    let seen = claim.read32(0);
    drop(claim);
    let again = request(pdev)?.iomap_exclusive_sized::<SIZE>().is_ok();
    dev_info!(pdev, "second {second:?}, shared {seen:#x}, again {again}\n");
    Ok(())
}

impl platform::Driver for Regions {
    type IdInfo = Attack;
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: Option<platform::IdTable<Attack>> = Some(&TABLE);

    fn probe<'bound>(
        pdev: &'bound platform::Device<Core<'_>>,
        attack: Option<&'bound Attack>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            keep(None);
            let Some(attack) = attack else {
                dev_info!(pdev, "no entry\n");
                return Ok(Data { claim: None });
            };
            let claim = request(pdev)?
                .iomap_exclusive_sized()
                .inspect_err(|error| {
                    dev_info!(pdev, "refused: {error:?}\n");
                })?;
            let mut data = Data { claim: None };
            match attack {
                Attack::Plain => data.claim = Some(claim),
                Attack::Nested => nested(pdev, claim)?,
                Attack::Forget => {
                    let shared: IoMem<'_, SIZE> = request(pdev)?.iomap_sized()?;
                    core::mem::forget((claim, shared));
                }
                Attack::Keep => keep(Some(claim.into_devres()?)),
            }
            dev_info!(pdev, "bound\n");
            Ok(data)
        })
    }

    fn unbind<'bound>(pdev: &'bound platform::Device<Core<'_>>, data: Pin<&Data<'bound>>) {
        if let Some(claim) = &data.claim {
            claim.write32(0, 0);
        }
        dev_info!(pdev, "unbound\n");
    }
}

kernel::module_platform_driver! {
    type: Regions,
    name: "platform_regions",
    authors: ["The Lifebound developers"],
    description: "Claims memory in ways that must not harm others",
    license: "GPL",
}
