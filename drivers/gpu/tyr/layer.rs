// SPDX-License-Identifier: GPL-2.0

//! The next layer: a child device, whose driver will start the firmware and serve programs. It
//! borrows from the GPU, and is gone before it.

use kernel::{auxiliary, device::Core, prelude::*, scope::Scope, types::CovariantForLt};

use crate::Parts;

/// What the child's driver gets.
pub(crate) struct Layer<'x> {
    parts: &'x Parts<'x>,
}

type LayerOf = CovariantForLt!(Layer<'_>);

/// Makes the child.
pub(crate) fn add<'x>(scope: &Scope<'x>, number: u32, parts: &'x Parts<'x>) -> Result {
    let layer = Layer { parts };
    auxiliary::Registration::<LayerOf>::new_in(scope, c"csf", number, c"tyr", layer)?.detach();
    Ok(())
}

/// The driver of the child. So far it says which command stream frontend there is.
pub(crate) struct Csf;

kernel::auxiliary_device_table!(TABLE, (), [(auxiliary::DeviceId::new(c"tyr", c"csf"), ())]);

impl auxiliary::Driver for Csf {
    type IdInfo = ();
    type Data<'bound> = ();
    const ID_TABLE: auxiliary::IdTable<()> = &TABLE;

    fn probe<'bound>(
        adev: &'bound auxiliary::Device<Core<'_>>,
        _info: &'bound (),
    ) -> impl PinInit<(), Error> + 'bound {
        pin_init::pin_init_scope(move || {
            let layer = adev.registration_data::<LayerOf>()?;
            let status = layer.parts.gpu.status()?;
            let id = layer.parts.info.csf_id;
            dev_info!(adev, "command streams {id:#x}, status {status:#x}\n");
            Ok(())
        })
    }

    fn unbind<'bound>(adev: &'bound auxiliary::Device<Core<'_>>, _this: Pin<&()>) {
        if let Ok(layer) = adev.registration_data::<LayerOf>() {
            match layer.parts.gpu.status() {
                Ok(status) => dev_info!(adev, "gone, status {status:#x}\n"),
                Err(error) => dev_info!(adev, "gone, no power: {error:?}\n"),
            }
        }
    }
}
