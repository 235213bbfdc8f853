// SPDX-License-Identifier: GPL-2.0

//! Small modules in the spelling of Linux 7.3: alignments, pages, sets of flags, data that another
//! lock protects, values that are stored once, parameters, and a `-` in the module's name.

#![forbid(unsafe_code)]

use kernel::{
    impl_flags,
    page::{self, PAGE_MASK, PAGE_SHIFT, PAGE_SIZE},
    prelude::*,
    ptr::{Alignable, Alignment, const_align_up},
    str::{CString, kstrtobool_bytes},
    sync::{Arc, LockedBy, Mutex, SetOnce},
};

module! {
    type: Ui,
    name: "linux-small-modules",
    license: "GPL",
    params: {
        limit: u32 { default: 3, description: "A number" },
    },
}

impl_flags! {
    /// What a memory may be used for.
    #[derive(Debug, Clone, Default, Copy, PartialEq, Eq)]
    pub struct Permissions(u32);

    /// One use.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Permission {
        /// Reading.
        Read = 1 << 0,
        /// Writing.
        Write = 1 << 1,
    }
}

struct Ui {
    once: SetOnce<u32>,
}

impl kernel::Module for Ui {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let mut all = Permission::Read | Permission::Write;
        all &= !Permission::Write;
        pr_info!("{}\n", all.contains(Permission::Read));
        pr_info!("{}\n", u32::from(all) + module_parameters::limit.value());
        let once = SetOnce::new();
        once.populate(7);
        Ok(Ui { once })
    }
}

impl Drop for Ui {
    fn drop(&mut self) {
        pr_info!("{:?} {:?}\n", self.once.as_ref(), self.once.copy());
    }
}

pub fn sizes(size: usize) -> Option<usize> {
    const HALF: Alignment = Alignment::new::<{ PAGE_SIZE / 2 }>();
    #[cfg(reject)]
    const ODD: Alignment = Alignment::new::<3>(); //~? E0080 an alignment is a power of two
    #[cfg(reject)]
    let _ = ODD;
    let _ = (const_align_up(size, HALF), Alignment::of::<u64>().log2());
    let size = size
        .align_down(HALF)
        .align_up(Alignment::new_checked(4096)?)?;
    page::page_align(size & PAGE_MASK).map(|size| size >> PAGE_SHIFT)
}

pub struct Total {
    bytes: u64,
}

pub struct Port {
    bytes: LockedBy<u64, Total>,
}

pub fn count(port: &Port, total: &Mutex<Total>) -> u64 {
    let mut total = total.lock();
    *port.bytes.access_mut(&mut total) += 1;
    total.bytes += 1;
    #[cfg(reject_2)]
    let bytes = port.bytes.access_mut(&total); //~2 E0308
    #[cfg(not(reject_2))]
    let bytes = port.bytes.access(&total);
    *bytes
}

pub fn show(shared: &Arc<CString>) -> Result<bool> {
    pr_info!("{}\n", shared);
    kstrtobool_bytes(b"yes")
}
