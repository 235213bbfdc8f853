// SPDX-License-Identifier: GPL-2.0

//! Which chip a device is.

use kernel::{device::Bound, dma::DmaMask, io::Io, pci, prelude::*};

use crate::regs::{Bar0, PMC_BOOT_0, PMC_BOOT_42, still_there};

/// Chips that this driver treats alike.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Turing,
    /// The first chip of Ampere, whose memory is as in Turing.
    Ga100,
    Ampere,
    Hopper,
    Ada,
    BlackwellGb10x,
    BlackwellGb20x,
}

impl Family {
    /// The addresses that the chip can drive.
    pub(crate) fn dma_mask(self) -> DmaMask {
        match self {
            Self::Turing | Self::Ga100 | Self::Ampere | Self::Ada => DmaMask::new::<47>(),
            Self::Hopper | Self::BlackwellGb10x | Self::BlackwellGb20x => DmaMask::new::<52>(),
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Turing => "Turing",
            Self::Ga100 | Self::Ampere => "Ampere",
            Self::Hopper => "Hopper",
            Self::Ada => "Ada",
            Self::BlackwellGb10x | Self::BlackwellGb20x => "Blackwell",
        })
    }
}

/// The oldest architecture that this driver knows.
const TURING: u32 = 0x16;

/// Architectures below this, if their top bit is not set, have no [`PMC_BOOT_42`].
const FERMI: u32 = 0xc;

/// The chips: architecture in the bits from 4 on, implementation in the others.
const CHIPS: &[(u32, &str, Family)] = &[
    (0x162, "TU102", Family::Turing),
    (0x164, "TU104", Family::Turing),
    (0x166, "TU106", Family::Turing),
    (0x167, "TU117", Family::Turing),
    (0x168, "TU116", Family::Turing),
    (0x170, "GA100", Family::Ga100),
    (0x172, "GA102", Family::Ampere),
    (0x173, "GA103", Family::Ampere),
    (0x174, "GA104", Family::Ampere),
    (0x176, "GA106", Family::Ampere),
    (0x177, "GA107", Family::Ampere),
    (0x180, "GH100", Family::Hopper),
    (0x192, "AD102", Family::Ada),
    (0x193, "AD103", Family::Ada),
    (0x194, "AD104", Family::Ada),
    (0x196, "AD106", Family::Ada),
    (0x197, "AD107", Family::Ada),
    (0x1a0, "GB100", Family::BlackwellGb10x),
    (0x1a2, "GB102", Family::BlackwellGb10x),
    (0x1b2, "GB202", Family::BlackwellGb20x),
    (0x1b3, "GB203", Family::BlackwellGb20x),
    (0x1b5, "GB205", Family::BlackwellGb20x),
    (0x1b6, "GB206", Family::BlackwellGb20x),
    (0x1b7, "GB207", Family::BlackwellGb20x),
];

/// What the boot registers tell.
pub(crate) struct Chip {
    pub(crate) name: &'static str,
    pub(crate) family: Family,
    boot_42: PMC_BOOT_42,
}

impl Chip {
    /// Reads which chip this is.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the chip is older than Turing, not known, or does not answer.
    pub(crate) fn identify(pdev: &pci::Device<Bound>, bar: &Bar0<'_>) -> Result<Self> {
        let boot_0 = bar.read(PMC_BOOT_0);
        if boot_0.into_raw() == u32::MAX {
            dev_err!(
                pdev,
                "the device is gone: no answer from its boot register\n"
            );
            return Err(ENODEV);
        }
        if !boot_0.architecture_high() && boot_0.architecture_low() < FERMI {
            return Err(too_old(pdev, boot_0.into_raw()));
        }
        let boot_42 = bar.read(PMC_BOOT_42);
        still_there(pdev, bar, "while it was identified")?;
        if boot_42.architecture() < TURING {
            return Err(too_old(pdev, boot_42.into_raw()));
        }
        let number = boot_42.architecture().get() << 4 | boot_42.implementation().get();
        let Some(&(_, name, family)) = CHIPS.iter().find(|(known, ..)| *known == number) else {
            dev_err!(pdev, "chip {:#010x} is not known\n", boot_42.into_raw());
            return Err(ENODEV);
        };
        Ok(Self {
            name,
            family,
            boot_42,
        })
    }

    pub(crate) fn architecture(&self) -> u32 {
        self.boot_42.architecture().get()
    }

    pub(crate) fn implementation(&self) -> u32 {
        self.boot_42.implementation().get()
    }
}

/// As on the package: `TU102 (Turing), revision a.1`.
/// Says that a chip, by the register that told so, is none for this driver.
fn too_old(pdev: &pci::Device<Bound>, boot: u32) -> Error {
    dev_err!(pdev, "chip {boot:#010x} is too old: older than Turing\n");
    ENODEV
}

impl fmt::Display for Chip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            family,
            boot_42,
        } = self;
        f.write_fmt(fmt!(
            "{name} ({family}), revision {:x}.{:x}",
            boot_42.major(),
            boot_42.minor()
        ))
    }
}
