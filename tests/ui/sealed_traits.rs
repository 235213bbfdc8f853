// SPDX-License-Identifier: GPL-2.0

//! Drivers add no device contexts and no kinds of tables.

#![forbid(unsafe_code)]

use kernel::device::{Bound, Device};

pub struct Mine;

#[cfg(reject)]
impl kernel::device::DeviceContext for Mine {} //~ E0277

#[cfg(reject_2)]
impl kernel::device_id::IdTable<kernel::pci::DeviceId, ()> for Mine {
    //~2^ E0277
    fn as_ptr(&self) -> *const kernel::bindings::pci_device_id {
        core::ptr::null()
    }

    fn ids(&self) -> &'static [kernel::pci::DeviceId] {
        &[]
    }

    fn info(&self, _id: *const kernel::bindings::pci_device_id) -> Option<&'static ()> {
        None
    }
}

#[cfg(reject_3)]
impl kernel::device_id::private::Sealed for Mine {} //~3 E0603

#[cfg(not(reject_4))]
pub fn context(_: &Device<Bound>) {}
#[cfg(reject_4)]
pub fn context(_: &Device<Mine>) {} //~4 E0277

#[derive(Clone, Copy)]
pub struct Copied;

#[cfg(reject_5)]
impl kernel::module_param::ModuleParam for Copied {} //~5 E0277
