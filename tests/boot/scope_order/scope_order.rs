// SPDX-License-Identifier: GPL-2.0

//! Watches how the scope of a binding ends. Entries end in reverse order, between `unbind` and the
//! data. Entries that come too late are refused. See `boot` in this directory.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    devres,
    io::Io,
    pci,
    prelude::*,
    scope::Scope,
    sync::Mutex,
};

/// A value that tells when it is dropped.
struct Tell(&'static str);

impl Drop for Tell {
    fn drop(&mut self) {
        pr_info!("dropped {}\n", self.0);
    }
}

#[pin_data(PinnedDrop)]
struct Data<'bound> {
    pdev: &'bound pci::Device<Bound>,
    bar: pci::Bar<'bound, 0x100>,
    #[pin]
    ended: Mutex<u32>,
}

impl Data<'_> {
    /// Reports the end, and that the device still works.
    fn end(&self, what: &str) {
        *self.ended.lock() += 1;
        dev_info!(self.pdev, "{what}, register {:#x}\n", self.bar.read32(0));
    }
}

#[pinned_drop]
impl PinnedDrop for Data<'_> {
    fn drop(self: Pin<&mut Self>) {
        dev_info!(
            self.pdev,
            "data dropped after {} ends\n",
            *self.ended.lock()
        );
    }
}

struct Order;

kernel::pci_device_table!(
    TABLE,
    (),
    [(
        pci::DeviceId::from_id(pci::Vendor::from_raw(0x1234), 0x11e8),
        ()
    )]
);

impl pci::Driver for Order {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            let released = Tell("devres");
            devres::register(pdev.as_ref(), released, GFP_KERNEL)?;
            pdev.enable_device_mem()?;
            let bar = pdev.iomap_region_sized(0, c"scope_order")?;
            Ok(try_pin_init!(Data {
                pdev,
                bar,
                ended <- kernel::new_mutex!(0),
            }))
        })
    }

    fn attach<'bound, 'x>(
        pdev: &'bound pci::Device<Core<'_>>,
        data: Pin<&'x Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        let data = data.get_ref();
        scope.at_end(|| data.end("first"))?;
        // A value that the closure owns goes when the closure has run.
        let owned = Tell("what the second owns");
        scope.at_end(move || {
            data.end("second");
            core::hint::black_box(&owned);
        })?;
        // Nothing enters a scope that is ending, and a refused closure is dropped without having
        // run.
        let late = Tell("what comes late");
        scope.at_end(move || {
            let error = scope.at_end(move || {
                dev_err!(scope.device(), "what comes late RUNS\n");
                drop(late);
            });
            let error = error.unwrap_err();
            dev_info!(scope.device(), "late: {error:?}\n");
            data.end("third");
        })?;
        if module_parameters::fail.read() {
            dev_info!(pdev, "attach fails\n");
            return Err(EIO);
        }
        Ok(())
    }

    fn unbind<'bound>(pdev: &'bound pci::Device<Core<'_>>, data: Pin<&Data<'bound>>) {
        dev_info!(pdev, "unbind after {} ends\n", *data.ended.lock());
    }
}

kernel::module_driver!(<T>, pci::Adapter<T>, {
    type: Order,
    name: "scope_order",
    authors: ["The Lifebound developers"],
    description: "Watches how the scope of a binding ends",
    license: "GPL",
    params: {
        fail: bool {
            default: false,
            description: "Have attach fail",
        },
    },
});
