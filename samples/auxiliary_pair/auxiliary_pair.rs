// SPDX-License-Identifier: GPL-2.0

//! A PCI driver for QEMU's `pci-testdev` with two children on the auxiliary bus, which share its
//! registers.
//!
//! The data of one child are covariant (their lifetime may be shortened). Those of the other are
//! not: a lock with references in it. Both borrow from the parent's own data.
//!
//! To run it: `make run SAMPLE=auxiliary_pair`.

#![forbid(unsafe_code)]

use kernel::sync::{Mutex, new_mutex};
use kernel::types::{CovariantForLt, ForLt};
use kernel::{InPlaceModule, auxiliary, driver, pci, prelude::*};
use kernel::{device::Core, io::Io, scope::Scope};

type Bar<'a> = pci::Bar<'a, 0x10>;

/// The data that the first child gets.
struct Counter<'x> {
    bar: &'x Bar<'x>,
}

/// The data that the second child gets.
#[pin_data]
struct Journal<'x> {
    bar: &'x Bar<'x>,
    #[pin]
    authors: Mutex<KVec<&'x CStr>>,
}

type CounterOf = CovariantForLt!(Counter<'_>);
type JournalOf = ForLt!(Journal<'_>);

struct Parent;

kernel::pci_device_table!(
    PARENTS,
    (),
    [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 0x0005), ())]
);

impl pci::Driver for Parent {
    type IdInfo = ();
    type Data<'bound> = Bar<'bound>;
    const ID_TABLE: pci::IdTable<()> = &PARENTS;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Bar<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            pdev.enable_device_mem()?;
            Ok(pdev.iomap_region_sized(0, c"auxiliary_pair"))
        })
    }

    fn attach<'bound, 'x>(
        pdev: &'bound pci::Device<Core<'_>>,
        data: Pin<&'x Bar<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        use auxiliary::Registration;
        let bar = data.get_ref();
        let counter = Counter { bar };
        Registration::<CounterOf>::new_in(scope, c"counter", 0, c"pair", counter)?.detach();
        let journal = try_pin_init!(Journal { bar, authors <- new_mutex!(KVec::new()) });
        // The handles are not needed any more: the scope ends the children.
        Registration::<JournalOf>::new_in(scope, c"journal", 1, c"pair", journal)?.detach();
        dev_info!(pdev, "two children\n");
        Ok(())
    }
}

/// Makes a driver for one kind of child, with the action of its probe.
macro_rules! child {
    ($driver:ident, $table:ident, $name:literal, |$adev:ident| $probe:expr) => {
        struct $driver;

        kernel::auxiliary_device_table!(
            $table,
            (),
            [(auxiliary::DeviceId::new(c"pair", $name), ())]
        );

        impl auxiliary::Driver for $driver {
            type IdInfo = ();
            type Data<'bound> = ();
            const ID_TABLE: auxiliary::IdTable<()> = &$table;

            fn probe<'bound>(
                $adev: &'bound auxiliary::Device<Core<'_>>,
                _info: &'bound (),
            ) -> impl PinInit<(), Error> + 'bound {
                $probe
            }

            fn unbind<'bound>(adev: &'bound auxiliary::Device<Core<'_>>, _this: Pin<&()>) {
                dev_info!(adev, "child {} of {}\n", adev.id(), adev.parent().name());
            }
        }
    };
}

child!(CounterDriver, COUNTERS, c"counter", |adev| {
    let counter = adev.registration_data::<CounterOf>()?;
    dev_info!(adev, "{} hits\n", counter.bar.read32(0xc));
    Ok(())
});

child!(JournalDriver, JOURNALS, c"journal", |adev| {
    adev.registration_data_with::<JournalOf, _>(|journal| {
        let mut authors = journal.authors.lock();
        authors.push(c"child", GFP_KERNEL)?;
        let (entries, byte) = (authors.len(), journal.bar.read8(0));
        dev_info!(adev, "{entries} entries, byte {byte:#x}\n");
        Ok(())
    })?
});

#[pin_data]
struct Pair {
    #[pin]
    parent: driver::Registration<pci::Adapter<Parent>>,
    #[pin]
    counter: driver::Registration<auxiliary::Adapter<CounterDriver>>,
    #[pin]
    journal: driver::Registration<auxiliary::Adapter<JournalDriver>>,
}

impl InPlaceModule for Pair {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            counter <- driver::Registration::new(c"pair_counter", module),
            journal <- driver::Registration::new(c"pair_journal", module),
            parent <- driver::Registration::new(c"auxiliary_pair", module),
        })
    }
}

module! {
    type: Pair,
    name: "auxiliary_pair",
    authors: ["The Lifebound developers"],
    description: "A PCI driver with two children on the auxiliary bus",
    license: "GPL",
}
