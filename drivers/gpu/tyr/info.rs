// SPDX-License-Identifier: GPL-2.0

//! What the GPU says about itself.

use kernel::{
    debugfs,
    device::{Bound, Device},
    dma::DmaMask,
    io::Io,
    prelude::*,
};

use crate::regs::{
    self, AS_PRESENT, COHERENCY_FEATURES, CORE_FEATURES, CSF_ID, GPU_ID, L2_FEATURES, MEM_FEATURES,
    MMU_FEATURES, Registers, TILER_FEATURES,
};

/// A GPU that the driver knows.
struct Model {
    arch_major: u32,
    product: u32,
    name: &'static str,
}

const MODELS: &[Model] = &[Model {
    arch_major: 10,
    product: 7,
    name: "Mali-G610",
}];

/// What nothing answers with.
const GONE: u32 = u32::MAX;

/// The GPU's identity, features and cores. They do not change.
pub(crate) struct Info {
    model: &'static str,
    id: GPU_ID,
    rows: [(&'static str, u64); 12],
    pub(crate) csf_id: u32,
    pub(crate) l2_present: u64,
    /// The number of bits in an address on the bus.
    physical_bits: u32,
}

impl Info {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// `ENODEV`, after a message, if the GPU is none that the driver knows, or does not answer.
    pub(crate) fn read(dev: &Device<Bound>, registers: &Registers<'_>) -> Result<Self> {
        let id = registers.read(GPU_ID);
        let model = model(dev, &id)?;
        let mmu_features = registers.read(MMU_FEATURES);
        let csf_id = registers.read(CSF_ID).into_raw();
        let l2_present = regs::l2_present(registers);
        let rows = [
            ("gpu_id", id.into_raw().into()),
            ("csf_id", csf_id.into()),
            ("l2_features", registers.read(L2_FEATURES).into_raw().into()),
            (
                "core_features",
                registers.read(CORE_FEATURES).into_raw().into(),
            ),
            (
                "tiler_features",
                registers.read(TILER_FEATURES).into_raw().into(),
            ),
            (
                "mem_features",
                registers.read(MEM_FEATURES).into_raw().into(),
            ),
            ("mmu_features", mmu_features.into_raw().into()),
            (
                "coherency_features",
                registers.read(COHERENCY_FEATURES).into_raw().into(),
            ),
            ("as_present", registers.read(AS_PRESENT).into_raw().into()),
            ("shader_present", regs::shader_present(registers)),
            ("tiler_present", regs::tiler_present(registers)),
            ("l2_present", l2_present),
        ];
        // What was read is worth something if the GPU was there until the end.
        if !answers(registers) {
            dev_err!(dev, "the GPU has stopped to answer\n");
            return Err(ENODEV);
        }
        Ok(Self {
            model,
            id,
            rows,
            csf_id,
            l2_present,
            physical_bits: mmu_features.physical_bits().get(),
        })
    }

    /// Returns the addresses that the GPU can reach.
    ///
    /// # Errors
    ///
    /// `EINVAL`, after a message, if the GPU claims a width that no address has.
    pub(crate) fn dma_mask(&self, dev: &Device<Bound>) -> Result<DmaMask> {
        let bits = self.physical_bits;
        DmaMask::try_new(bits).inspect_err(|_| dev_err!(dev, "addresses of {bits} bits\n"))
    }
}

/// The table: in the log, and in debugfs.
impl fmt::Display for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (model, id) = (self.model, &self.id);
        writeln!(
            f,
            "{model} r{}p{}, architecture {}.{}.{}",
            id.version_major().get(),
            id.version_minor().get(),
            id.arch_major().get(),
            id.arch_minor().get(),
            id.arch_rev().get(),
        )?;
        for (name, value) in self.rows {
            writeln!(f, "{name:<18} {value:#x}")?;
        }
        Ok(())
    }
}

impl debugfs::Writer for Info {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Returns whether the GPU is there.
pub(crate) fn answers(registers: &Registers<'_>) -> bool {
    registers.read(GPU_ID).into_raw() != GONE
}

/// Returns the name of the GPU.
fn model(dev: &Device<Bound>, id: &GPU_ID) -> Result<&'static str> {
    let raw = id.into_raw();
    if raw == GONE {
        dev_err!(dev, "nothing answers at the registers\n");
        return Err(ENODEV);
    }
    let (arch_major, product) = (id.arch_major().get(), id.product().get());
    let known = |model: &&Model| model.arch_major == arch_major && model.product == product;
    match MODELS.iter().find(known) {
        Some(model) => Ok(model.name),
        None => {
            dev_err!(
                dev,
                "GPU {raw:#x} (architecture {arch_major}, product {product}) is not supported\n"
            );
            Err(ENODEV)
        }
    }
}
