// SPDX-License-Identifier: GPL-2.0

//! Safe code cannot implement the traits that the crate relies on.

#![forbid(unsafe_code)]

pub struct Mine;
pub struct Data;

#[cfg(reject)]
impl kernel::device::Kind for Mine {
    //~^ E0200
    type Raw = kernel::bindings::device;
    const DEVICE_OFFSET: usize = 0;
}

#[cfg(reject_2)]
impl kernel::driver::Ops for Mine {
    //~2^ E0200
    type Bus = kernel::pci::Pci;
    type Data<'bound> = Data;
    type Id = ();

    fn fill(_: &mut kernel::bindings::pci_driver) {}

    fn probe<'bound>(
        _: &'bound kernel::pci::Device<kernel::device::Core<'_>>,
        _: (),
    ) -> impl pin_init::PinInit<Data, kernel::error::Error> + 'bound {
        pin_init::pin_init_scope(|| Ok(Data))
    }

    fn unbind<'bound>(
        _: &'bound kernel::pci::Device<kernel::device::Core<'_>>,
        _: core::pin::Pin<&Data>,
    ) {
    }
}

#[cfg(reject_3)]
impl kernel::device_id::RawDeviceId for Mine {
    //~3^ E0200
    type RawType = u8;
}

#[cfg(reject_4)]
impl kernel::sync::aref::AlwaysRefCounted for Mine {
    //~4^ E0200
    fn inc_ref(&self) {}
    unsafe fn dec_ref(_: core::ptr::NonNull<Self>) {} //~4 implementation of an `unsafe` method
}

#[cfg(reject_5)]
unsafe impl Send for Mine {} //~5 implementation of an `unsafe` trait

#[cfg(reject_6)]
impl kernel::types::ForeignOwnable for Mine {} //~6 E0200
