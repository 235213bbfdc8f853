// SPDX-License-Identifier: GPL-2.0

//! The chip's own memory: how much of it there is.

use kernel::io::Io;

use crate::{
    chip::Family,
    regs::{Bar0, PFB_PRI_MMU_LOCAL_MEMORY_RANGE, USABLE_FB_SIZE_IN_MB},
};

/// The size of the memory in MiB, as far as it can be used.
pub(crate) fn size_mib(bar: &Bar0<'_>, family: Family) -> u32 {
    match family {
        Family::Turing | Family::Ga100 => {
            let range = bar.read(PFB_PRI_MMU_LOCAL_MEMORY_RANGE);
            // OVERFLOW: 6 bits that are shifted by at most 15 fit.
            let all = range.magnitude().get() << range.scale().get();
            if range.ecc() { all / 16 * 15 } else { all }
        }
        _ => bar.read(USABLE_FB_SIZE_IN_MB).mib().get(),
    }
}
