// SPDX-License-Identifier: GPL-2.0

//! A USB driver's data can keep the bound interface and its endpoints, and nothing that ends
//! earlier.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    prelude::*,
    usb,
};

pub struct Ui;

kernel::usb_device_table!(TABLE, u8, [(usb::DeviceId::from_id(1, 2), 3)]);

pub struct Data<'bound> {
    pub interface: &'bound usb::Interface<Bound>,
    pub from: usb::Endpoint<'bound, usb::Bulk, usb::In>,
    pub info: Option<&'bound u8>,
    #[cfg(reject)]
    pub id: &'bound usb::DeviceId,
    #[cfg(reject_2)]
    pub core: &'bound usb::Interface<Core<'bound>>,
    #[cfg(reject_3)]
    pub cell: &'bound core::cell::Cell<u8>,
}

impl usb::Driver for Ui {
    //~4^ E0046 `ID_TABLE`
    type IdInfo = u8;
    type Data<'bound> = Data<'bound>;
    //~2^ E0277
    //~3^^ E0277
    #[cfg(not(any(reject_4, reject_5)))]
    const ID_TABLE: usb::IdTable<u8> = &TABLE;
    #[cfg(reject_5)]
    const ID_TABLE: usb::IdTable<u16> = &TABLE;
    //~5^ E0277
    //~5^^ E0326

    #[cfg(not(any(reject_2, reject_3)))]
    fn probe<'bound>(
        interface: &'bound usb::Interface<Core<'_>>,
        id: &usb::DeviceId,
        info: Option<&'bound u8>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        let wanted = id.vendor();
        #[cfg(reject)]
        let data = Data {
            interface,
            from: interface.endpoint().unwrap(),
            info,
            id,
        };
        #[cfg(reject)]
        return Ok::<_, Error>(data); //~ lifetime may not live long enough
        #[cfg(not(reject))]
        pin_init::pin_init_scope(move || {
            let _ = wanted;
            Ok(Data {
                interface,
                from: interface.endpoint()?,
                info,
            })
        })
    }

    #[cfg(any(reject_2, reject_3))]
    fn probe<'bound>(
        _interface: &'bound usb::Interface<Core<'_>>,
        _id: &usb::DeviceId,
        _info: Option<&'bound u8>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(|| Err::<Data<'bound>, _>(ENODEV))
    }
}
