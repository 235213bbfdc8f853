// SPDX-License-Identifier: GPL-2.0

//! A driver that asks for runtime suspension again when it already has it. It is on the auxiliary
//! bus, where only the crate keeps the callbacks out of an unbinding. See `boot` in this directory.

#![forbid(unsafe_code)]

use kernel::{
    InPlaceModule, auxiliary,
    device::{Bound, Core},
    driver, pci,
    prelude::*,
    scope::Scope,
    sync::atomic::{Atomic, Relaxed},
    time::{Delta, delay::fsleep},
    types::ForLt,
};

struct Parent;

kernel::pci_device_table!(
    PARENTS,
    (),
    [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 0x0005), ())]
);

impl pci::Driver for Parent {
    type IdInfo = ();
    type Data<'bound> = ();
    const ID_TABLE: pci::IdTable<()> = &PARENTS;

    fn probe<'bound>(
        _pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<(), Error> + 'bound {
        pin_init::pin_init_scope(|| Ok(()))
    }

    fn attach<'bound, 'x>(
        _pdev: &'bound pci::Device<Core<'_>>,
        _data: Pin<&'x ()>,
        scope: &'x Scope<'x>,
    ) -> Result {
        let data = Ok::<_, Error>(());
        auxiliary::Registration::<ForLt!(())>::new_in(scope, c"child", 0, c"pm_twice", data)?
            .detach();
        Ok(())
    }
}

struct Child;

struct Data {
    unbinding: Atomic<bool>,
}

impl Child {
    fn suspend<'bound>(adev: &'bound auxiliary::Device<Core<'_>>, _data: Pin<&Data>) -> Result {
        adev.allow_runtime_suspend(None)?;
        dev_info!(adev, "asked twice\n");
        Ok(())
    }

    fn runtime_suspend<'bound>(adev: &'bound auxiliary::Device<Bound>, data: Pin<&Data>) -> Result {
        if data.unbinding.load(Relaxed) {
            dev_info!(adev, "suspended while unbound\n");
            fsleep(Delta::from_secs(1));
        }
        Ok(())
    }
}

kernel::auxiliary_device_table!(
    CHILDREN,
    (),
    [(auxiliary::DeviceId::new(c"pm_twice", c"child"), ())]
);

impl auxiliary::Driver for Child {
    type IdInfo = ();
    type Data<'bound> = Data;
    const ID_TABLE: auxiliary::IdTable<()> = &CHILDREN;
    const PM: auxiliary::PmCallbacks<Self> = auxiliary::PmCallbacks::<Self>::NONE
        .suspend(|adev, data| Self::suspend(adev, data))
        .runtime_suspend(|adev, data| Self::runtime_suspend(adev, data));

    fn probe<'bound>(
        adev: &'bound auxiliary::Device<Core<'_>>,
        _info: &'bound (),
    ) -> impl PinInit<Data, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            adev.allow_runtime_suspend(Some(Delta::from_millis(100)))?;
            Ok(Data {
                unbinding: Atomic::new(false),
            })
        })
    }

    fn unbind<'bound>(_adev: &'bound auxiliary::Device<Core<'_>>, data: Pin<&Data>) {
        data.unbinding.store(true, Relaxed);
        // This is longer than the time until an unused device is suspended.
        fsleep(Delta::from_millis(700));
    }
}

#[pin_data]
struct Twice {
    #[pin]
    parent: driver::Registration<pci::Adapter<Parent>>,
    #[pin]
    child: driver::Registration<auxiliary::Adapter<Child>>,
}

impl InPlaceModule for Twice {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            child <- driver::Registration::new(c"pm_twice_child", module),
            parent <- driver::Registration::new(c"pm_twice", module),
        })
    }
}

module! {
    type: Twice,
    name: "pm_twice",
    authors: ["The Lifebound developers"],
    description: "Asks for runtime suspension twice",
    license: "GPL",
}
