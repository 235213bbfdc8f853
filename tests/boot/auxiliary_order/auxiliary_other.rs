// SPDX-License-Identifier: GPL-2.0

//! A driver of children that another module makes, in C or with this crate. See `boot` in this
//! directory.

#![forbid(unsafe_code)]

use kernel::{
    auxiliary,
    device::{Bound, Core},
    devres,
    prelude::*,
    sync::aref::ARef,
    types::CovariantForLt,
};

struct Other;

struct Data<'bound> {
    adev: &'bound auxiliary::Device<Bound>,
}

impl Drop for Data<'_> {
    fn drop(&mut self) {
        let quiet = module_parameters::quiet.read();
        if !quiet {
            dev_info!(self.adev, "other's data dropped\n");
        }
    }
}

kernel::auxiliary_device_table!(
    TABLE,
    u32,
    [
        (auxiliary::DeviceId::new(c"order", c"never"), 1),
        (auxiliary::DeviceId::new(c"order", c"other"), 2)
    ]
);

/// Tries calls that a device of another module must refuse.
fn refused(adev: &auxiliary::Device<Bound>) {
    let data = adev.registration_data::<CovariantForLt!(u32)>();
    dev_info!(adev, "data: {:?}\n", data.err());
    let registered = devres::register(adev.parent(), 7_u32, GFP_KERNEL);
    dev_info!(adev, "devres: {registered:?}\n");
    let child = auxiliary::Registration::<CovariantForLt!(u32)>::new(
        adev.parent(),
        c"grandchild",
        0,
        c"order",
        7,
    );
    dev_info!(adev, "child: {:?}\n", child.err());
}

impl auxiliary::Driver for Other {
    type IdInfo = u32;
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: auxiliary::IdTable<u32> = &TABLE;

    fn probe<'bound>(
        adev: &'bound auxiliary::Device<Core<'_>>,
        info: &'bound u32,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            if !module_parameters::quiet.read() {
                let parent = adev.parent().name();
                dev_info!(adev, "probe of {parent} {} as {info}\n", adev.id());
                refused(adev);
                let counted = ARef::from(&**adev);
                dev_info!(adev, "parent kept: {}\n", counted.parent().is_some());
                if module_parameters::leak.read() {
                    core::mem::forget(counted);
                }
            }
            Ok(Data { adev })
        })
    }
}

kernel::module_auxiliary_driver! {
    type: Other,
    name: "auxiliary_other",
    authors: ["The Lifebound developers"],
    description: "A driver of another module's children",
    license: "GPL",
    params: {
        leak: bool {
            default: false,
            description: "Leak a reference to each device",
        },
        quiet: bool {
            default: false,
            description: "Say nothing",
        },
    },
}
