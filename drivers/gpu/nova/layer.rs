// SPDX-License-Identifier: GPL-2.0

//! The next layer: a child on the auxiliary bus, which borrows the GPU.
//!
//! The layer that offers the GPU to programs will be such a driver. Today it says that it has the
//! GPU, and that the GPU is still there when it leaves.

use kernel::{
    auxiliary,
    device::{Bound, Core},
    prelude::*,
    scope::Scope,
    sync::atomic::{Atomic, Relaxed},
    types::CovariantForLt,
};

use crate::gpu::Gpu;

/// The data of a child: its parent's GPU.
type Parent = CovariantForLt!(&'_ Gpu<'_>);

/// The number of children so far, which makes their names differ.
static CHILDREN: Atomic<u32> = Atomic::new(0);

/// Makes the child. The scope ends the child before the GPU ends.
///
/// Context: process context; may sleep.
///
/// # Errors
///
/// The errors of [`auxiliary::Registration::new_in`].
pub(crate) fn add<'x>(gpu: &'x Gpu<'x>, scope: &'x Scope<'x>) -> Result {
    let number = CHILDREN.fetch_add(1, Relaxed);
    auxiliary::Registration::<Parent>::new_in(scope, c"drm", number, c"nova", gpu)?.detach();
    Ok(())
}

/// The child's side.
pub(crate) struct Layer<'bound> {
    gpu: &'bound Gpu<'bound>,
    adev: &'bound auxiliary::Device<Bound>,
}

impl Drop for Layer<'_> {
    fn drop(&mut self) {
        let answer = if self.gpu.is_there() {
            "answers"
        } else {
            "does not answer any more"
        };
        dev_info!(self.adev, "leaves: {} {answer}\n", self.gpu.chip.name);
    }
}

pub(crate) struct Driver;

kernel::auxiliary_device_table!(TABLE, (), [(auxiliary::DeviceId::new(c"nova", c"drm"), ())]);

impl auxiliary::Driver for Driver {
    type IdInfo = ();
    type Data<'bound> = Layer<'bound>;
    const ID_TABLE: auxiliary::IdTable<()> = &TABLE;

    fn probe<'bound>(
        adev: &'bound auxiliary::Device<Core<'_>>,
        _info: &'bound (),
    ) -> impl PinInit<Layer<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            let gpu = *adev.registration_data::<Parent>()?.get_ref();
            dev_info!(adev, "has {} with {} MiB\n", gpu.chip.name, gpu.memory_mib);
            Ok(Layer { gpu, adev })
        })
    }
}
