// SPDX-License-Identifier: GPL-2.0

//! The facts that a driver has about an id are shared by all probes that run at a time, on each
//! bus.

#![forbid(unsafe_code)]

use core::marker::PhantomData;
use kernel::{auxiliary, device::Core, i2c, pci, platform, prelude::*, usb};

pub struct Ui;

pub struct Shared(PhantomData<u8>);

/// A table of these values can be made: the type has no cell.
pub struct NotShared(PhantomData<*mut u8>);

impl pci::Driver for Ui {
    #[cfg(not(reject))]
    type IdInfo = Shared;
    #[cfg(reject)]
    type IdInfo = NotShared; //~ E0277 cannot be shared between threads
    type Data<'bound> = ();
    const ID_TABLE: pci::IdTable<Self::IdInfo> = panic!();

    fn probe<'bound>(
        _device: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<(), Error> + 'bound {
        pin_init::pin_init_scope(|| Ok(()))
    }
}

impl platform::Driver for Ui {
    #[cfg(not(reject_2))]
    type IdInfo = Shared;
    #[cfg(reject_2)]
    type IdInfo = NotShared; //~2 E0277 cannot be shared between threads
    type Data<'bound> = ();

    fn probe<'bound>(
        _device: &'bound platform::Device<Core<'_>>,
        _info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<(), Error> + 'bound {
        pin_init::pin_init_scope(|| Ok(()))
    }
}

impl auxiliary::Driver for Ui {
    #[cfg(not(reject_3))]
    type IdInfo = Shared;
    #[cfg(reject_3)]
    type IdInfo = NotShared; //~3 E0277 cannot be shared between threads
    type Data<'bound> = ();
    const ID_TABLE: auxiliary::IdTable<Self::IdInfo> = panic!();

    fn probe<'bound>(
        _device: &'bound auxiliary::Device<Core<'_>>,
        _info: &'bound Self::IdInfo,
    ) -> impl PinInit<(), Error> + 'bound {
        pin_init::pin_init_scope(|| Ok(()))
    }
}

impl usb::Driver for Ui {
    #[cfg(not(reject_4))]
    type IdInfo = Shared;
    #[cfg(reject_4)]
    type IdInfo = NotShared; //~4 E0277 cannot be shared between threads
    type Data<'bound> = ();
    const ID_TABLE: usb::IdTable<Self::IdInfo> = panic!();

    fn probe<'bound>(
        _device: &'bound usb::Interface<Core<'_>>,
        _id: &usb::DeviceId,
        _info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<(), Error> + 'bound {
        pin_init::pin_init_scope(|| Ok(()))
    }
}

impl i2c::Driver for Ui {
    #[cfg(not(reject_5))]
    type IdInfo = Shared;
    #[cfg(reject_5)]
    type IdInfo = NotShared; //~5 E0277 cannot be shared between threads
    type Data<'bound> = ();

    fn probe<'bound>(
        _device: &'bound i2c::I2cClient<Core<'_>>,
        _info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<(), Error> + 'bound {
        pin_init::pin_init_scope(|| Ok(()))
    }
}
