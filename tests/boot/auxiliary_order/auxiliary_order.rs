// SPDX-License-Identifier: GPL-2.0

//! Watches the order in which a parent and its children end, whatever its driver forgets. See
//! `boot` in this directory.

#![forbid(unsafe_code)]

use kernel::{
    InPlaceModule,
    auxiliary::{self, Registration},
    device::{self, Bound, Core},
    driver,
    io::Io,
    new_mutex, pci,
    prelude::*,
    scope::Scope,
    str::CString,
    sync::{Mutex, aref::ARef},
    types::{CovariantForLt, ForLt},
};

/// The content of the first register of `edu`.
const IDENTITY: u32 = 0x0100_00ed;

type Bar<'a> = pci::Bar<'a, 0x100>;

/// Reports events, unless told to be quiet. It always reports errors.
macro_rules! say {
    ($dev:expr, $bar:expr, $($arg:tt)+) => {
        if $bar.read32(0) != IDENTITY {
            dev_err!($dev, "NOT USABLE: {}\n", fmt!($($arg)+));
        } else if !module_parameters::quiet.read() {
            dev_info!($dev, "{}\n", fmt!($($arg)+));
        }
    };
}

/// Data for children. The compiler cannot shorten its lifetime.
#[pin_data(PinnedDrop)]
struct Shared<'x> {
    pdev: &'x pci::Device<Bound>,
    bar: &'x Bar<'x>,
    #[pin]
    names: Mutex<KVec<&'x CStr>>,
}

#[pinned_drop]
impl PinnedDrop for Shared<'_> {
    fn drop(self: Pin<&mut Self>) {
        say!(self.pdev, self.bar, "shared data dropped");
    }
}

type SharedOf = ForLt!(Shared<'_>);

/// Data without borrows, in which a child leaves a reference to itself.
#[pin_data(PinnedDrop)]
struct Plain {
    #[pin]
    child: Mutex<Option<ARef<auxiliary::Device>>>,
}

#[pinned_drop]
impl PinnedDrop for Plain {
    fn drop(self: Pin<&mut Self>) {
        // The child is off the bus, and its parent still there.
        let child = self.child.lock();
        let quiet = module_parameters::quiet.read();
        if let Some(child) = child.as_ref().filter(|_| !quiet) {
            let parent = child.parent().map(|parent| parent.name());
            dev_info!(child, "plain data dropped, of {parent:?}\n");
        }
    }
}

type PlainOf = CovariantForLt!(Plain);

struct Parent;

struct ParentData<'bound> {
    pdev: &'bound pci::Device<Bound>,
    bar: Bar<'bound>,
    early: Option<Registration<'bound, PlainOf>>,
}

impl Drop for ParentData<'_> {
    fn drop(&mut self) {
        say!(self.pdev, self.bar, "parent's data dropped");
        // The scope of the child's binding has ended. There may be no memory, either.
        let late = Registration::<PlainOf>::new(
            self.pdev.as_ref(),
            c"late",
            0,
            c"order",
            try_pin_init!(Plain { child <- new_mutex!(None) }),
        );
        if !matches!(late, Err(error) if error == ENODEV || error == ENOMEM) {
            dev_err!(self.pdev, "NOT REFUSED\n");
        }
    }
}

kernel::pci_device_table!(
    PARENTS,
    (),
    [(
        pci::DeviceId::from_id(pci::Vendor::from_raw(0x1234), 0x11e8),
        ()
    )]
);

impl pci::Driver for Parent {
    type IdInfo = ();
    type Data<'bound> = ParentData<'bound>;
    const ID_TABLE: pci::IdTable<()> = &PARENTS;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<ParentData<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            pdev.enable_device_mem()?;
            let bar = pdev.iomap_region_sized(0, c"auxiliary_order")?;
            let plain = |id| {
                // The name does not exist any more when the child does.
                let (name, modname) = (CString::try_from_fmt(fmt!("plain"))?, c"order");
                let data = try_pin_init!(Plain { child <- new_mutex!(None) });
                Registration::<PlainOf>::new(pdev.as_ref(), &name, id, modname, data)
            };
            let first = plain(0)?;
            if module_parameters::forget.read() {
                core::mem::forget(first);
            } else {
                first.detach();
            }
            let long = Registration::<PlainOf>::new(
                pdev.as_ref(),
                c"a name with more bytes than any kernel has room for",
                0,
                c"order",
                try_pin_init!(Plain { child <- new_mutex!(None) }),
            );
            let early = Some(plain(1)?);
            say!(pdev, bar, "a long name: {:?}", long.err());
            drop(plain(2)?);
            Ok(ParentData { pdev, bar, early })
        })
    }

    fn attach<'bound, 'x>(
        pdev: &'bound pci::Device<Core<'_>>,
        data: Pin<&'x ParentData<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        let bar = &data.get_ref().bar;
        for id in 0..3 {
            let shared =
                try_pin_init!(Shared { pdev: &**pdev, bar, names <- new_mutex!(KVec::new()) });
            let name = if id == 2 { c"other" } else { c"shared" };
            let child = Registration::<SharedOf>::new_in(scope, name, id, c"order", shared)?;
            let names = child.data().names.lock().len();
            say!(pdev, bar, "child {id}: {names} names");
            if !module_parameters::forget.read() {
                child.detach();
            } else if id == 0 {
                // The child is leaked, so the values that it refers to stay.
                let leaked = KBox::leak(KBox::new(child, GFP_KERNEL)?);
                let names = &leaked.data().get_ref().names;
                scope.at_end(move || drop(names.lock()))?;
            } else {
                core::mem::forget(child);
            }
        }
        if module_parameters::fail.read() {
            return Err(EIO);
        }
        Ok(())
    }

    fn unbind<'bound>(pdev: &'bound pci::Device<Core<'_>>, data: Pin<&ParentData<'bound>>) {
        let early = data.early.is_some();
        say!(pdev, data.bar, "unbind, early child: {early}");
    }
}

/// The driver of all children but one.
struct Child;

struct ChildData<'bound>(&'bound auxiliary::Device<Bound>);

impl ChildData<'_> {
    fn say(&self, what: &str) {
        let parent = self.0.parent().name();
        let shared = self.0.registration_data_with::<SharedOf, _>(|shared| {
            let names = shared.names.lock().len();
            let number = self.0.id();
            say!(
                self.0,
                shared.bar,
                "child {number} of {parent} {what}, {names} names"
            );
        });
        // The device is one of the two kinds.
        let plain = self.0.registration_data::<PlainOf>();
        if plain.is_ok() && !module_parameters::quiet.read() {
            dev_info!(self.0, "child {} of {parent} {what}\n", self.0.id());
        }
        match (shared, plain) {
            (Ok(()), Err(error)) | (Err(error), Ok(_)) if error == EINVAL => {}
            _ => dev_err!(self.0, "NOT REFUSED\n"),
        }
    }
}

impl Drop for ChildData<'_> {
    fn drop(&mut self) {
        self.say("dropped");
    }
}

kernel::auxiliary_device_table!(
    CHILDREN,
    (),
    [
        (auxiliary::DeviceId::new(c"order", c"shared"), ()),
        (auxiliary::DeviceId::new(c"order", c"plain"), ())
    ]
);

impl auxiliary::Driver for Child {
    type IdInfo = ();
    type Data<'bound> = ChildData<'bound>;
    const ID_TABLE: auxiliary::IdTable<()> = &CHILDREN;

    fn probe<'bound>(
        adev: &'bound auxiliary::Device<Core<'_>>,
        _info: &'bound (),
    ) -> impl PinInit<ChildData<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            let device: &device::Device<Core<'_>> = adev.as_ref();
            let same: &auxiliary::Device<Core<'_>> = device.try_into()?;
            if !core::ptr::eq(same, adev) || <&pci::Device<Core<'_>>>::try_from(device).is_ok() {
                return Err(EINVAL);
            }
            if let Ok(plain) = adev.registration_data::<PlainOf>() {
                *plain.child.lock() = Some(ARef::from(&**adev));
            } else {
                adev.registration_data_with::<SharedOf, _>(|shared| {
                    shared.names.lock().push(c"child", GFP_KERNEL)
                })??;
            }
            let data = ChildData(adev);
            data.say("probed");
            Ok(data)
        })
    }
}

#[pin_data]
struct Modules {
    #[pin]
    parent: driver::Registration<pci::Adapter<Parent>>,
    #[pin]
    child: driver::Registration<auxiliary::Adapter<Child>>,
}

impl InPlaceModule for Modules {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            child <- driver::Registration::new(c"order_child", module),
            parent <- driver::Registration::new(c"auxiliary_order", module),
        })
    }
}

module! {
    type: Modules,
    name: "auxiliary_order",
    authors: ["The Lifebound developers"],
    description: "Watches the order in which a parent and its children end",
    license: "GPL",
    params: {
        fail: bool {
            default: false,
            description: "Have attach fail",
        },
        forget: bool {
            default: false,
            description: "Forget the children",
        },
        quiet: bool {
            default: false,
            description: "Print what is wrong only",
        },
    },
}
