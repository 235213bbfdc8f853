// SPDX-License-Identifier: GPL-2.0

//! Register accesses whose code is compared with that of `codegen_c.c`. The module is never loaded.

use kernel::{io::Io, pci::Bar, prelude::*};

module! {
    type: Twin,
    name: "codegen_rust",
    license: "GPL",
}

struct Twin;

impl kernel::Module for Twin {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        // This keeps the functions below in the module.
        core::hint::black_box([
            twin_read8 as *const (),
            twin_read16 as *const (),
            twin_read32 as *const (),
            twin_read64 as *const (),
            twin_write8 as *const (),
            twin_write16 as *const (),
            twin_write32 as *const (),
            twin_write64 as *const (),
        ]);
        Ok(Self)
    }
}

type Window<'a> = Bar<'a, 0x100>;

macro_rules! twins {
    ($($read:ident, $write:ident, $ty:ty, $io_read:ident, $io_write:ident;)*) => { $(
        #[unsafe(no_mangle)]
        extern "C" fn $read(bar: &Window<'_>) -> $ty {
            bar.$io_read(0x10)
        }

        #[unsafe(no_mangle)]
        extern "C" fn $write(bar: &Window<'_>, value: $ty) {
            bar.$io_write(value, 0x18)
        }
    )* };
}

twins! {
    twin_read8, twin_write8, u8, read8, write8;
    twin_read16, twin_write16, u16, read16, write16;
    twin_read32, twin_write32, u32, read32, write32;
    twin_read64, twin_write64, u64, read64, write64;
}
