// SPDX-License-Identifier: GPL-2.0

//! `/sys/kernel/debug/nova/<device>/`: what was found.

use kernel::{
    debugfs::{Dir, Tree},
    device::Bound,
    pci,
    prelude::*,
    scope::Scope,
    str::CString,
};

use crate::gpu::Gpu;

/// Makes the files. The scope removes them before the GPU ends.
///
/// Context: process context; may sleep.
///
/// # Errors
///
/// `ENOMEM`; `ENODEV` if the scope is ending.
pub(crate) fn add<'x>(pdev: &pci::Device<Bound>, gpu: &'x Gpu<'x>, scope: &'x Scope<'x>) -> Result {
    let name = CString::try_from_fmt(fmt!("{}", pdev.as_ref().name()))?;
    let all = Dir::shared(c"nova");
    Tree::new(scope, Some(&all), &name, gpu, |gpu, dir| {
        let gpu: &Gpu<'_> = gpu;
        dir.read_callback_file(c"chip", gpu, &|gpu: &Gpu<'_>, f| {
            f.write_fmt(fmt!("{}\n", gpu.chip))
        });
        dir.read_callback_file(c"architecture", gpu, &|gpu: &Gpu<'_>, f| {
            writeln!(f, "{:#x}", gpu.chip.architecture())
        });
        dir.read_callback_file(c"implementation", gpu, &|gpu: &Gpu<'_>, f| {
            writeln!(f, "{:#x}", gpu.chip.implementation())
        });
        dir.read_only_file(c"memory_mib", &gpu.memory_mib);
        dir.read_callback_file(c"flush_page", gpu, &|gpu: &Gpu<'_>, f| {
            writeln!(f, "{:#x}", gpu.flush_page.address())
        });
    })?
    .detach();
    Ok(())
}
