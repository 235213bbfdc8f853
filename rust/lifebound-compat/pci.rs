// SPDX-License-Identifier: GPL-2.0

//! PCI: Linux's module, and `attach`.

use core::{marker::PhantomData, pin::Pin};

pub use ::kernel::pci::*;
use ::kernel::{device::Core, prelude::*};

use crate::scope::{Attached, Scope};

driver_with_attach!(pci, { ID_TABLE: IdTable<Self::IdInfo> });

/// As the macro of Linux's crate, for a [`Driver`] of this one.
#[macro_export]
macro_rules! module_pci_driver {
    (type: $type:ty, $($rest:tt)*) => {
        $crate::linux::module_pci_driver! {
            type: $crate::pci::WithAttach<$type>,
            $($rest)*
        }
    };
}
