// SPDX-License-Identifier: GPL-2.0

//! Mistakes with locks in an interrupt handler of QEMU's `edu`, each of which works for as long as
//! nobody else wants the lock. The debug kernel reports them (`tests/mistakes.sh`).

#![forbid(unsafe_code)]

use kernel::{
    device::Core,
    io::Io,
    irq::{Flags, Handler, IrqReturn, Registration},
    pci,
    prelude::*,
    scope::Scope,
    sync::{Mutex, SpinLock, new_mutex, new_spinlock},
    time::{Delta, delay::fsleep},
};

/// Raises the interrupt whose bits are written, and takes it back.
const RAISE: usize = 0x60;
const ACKNOWLEDGE: usize = 0x64;
const PENDING: usize = 0x24;

struct Mistakes;

#[pin_data]
struct Data<'bound> {
    registers: pci::Bar<'bound, 0x100>,
    vectors: pci::IrqVectorRegistration<'bound>,
    #[pin]
    asleep: Mutex<u32>,
    #[pin]
    spinning: SpinLock<u32>,
}

impl Handler for Data<'_> {
    fn handle(&self) -> IrqReturn {
        let pending = self.registers.read32(PENDING);
        if pending == 0 {
            return IrqReturn::None;
        }
        self.registers.write32(pending, ACKNOWLEDGE);
        if module_parameters::mutex.read() {
            *self.asleep.lock() += 1;
        } else {
            *self.spinning.lock() += 1;
        }
        IrqReturn::Handled
    }
}

kernel::pci_device_table!(
    TABLE,
    (),
    [(
        pci::DeviceId::from_id(pci::Vendor::from_raw(0x1234), 0x11e8),
        ()
    )]
);

impl pci::Driver for Mistakes {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            pdev.enable_device_mem()?;
            Ok(try_pin_init!(Data {
                registers: pdev.iomap_region_sized(0, c"handler_mistakes")?,
                vectors: pdev.alloc_irq_vectors(1, 1, pci::IrqTypes::all())?,
                asleep <- new_mutex!(0, "asleep"),
                spinning <- new_spinlock!(0, "spinning"),
            }))
        })
    }

    fn attach<'bound, 'x>(
        pdev: &'bound pci::Device<Core<'_>>,
        data: Pin<&'x Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        pdev.set_master();
        let data = data.get_ref();
        let vector = data.vectors.index(0)?;
        Registration::new_in(scope, vector.into(), Flags::SHARED, c"mistakes", data)?.detach();
        // With interrupts on: the handler could come between.
        *data.spinning.lock() += 1;
        data.registers.write32(1, RAISE);
        fsleep(Delta::from_millis(100));
        dev_info!(pdev, "nothing went wrong this time\n");
        Ok(())
    }
}

kernel::module_pci_driver! {
    type: Mistakes,
    name: "handler_mistakes",
    description: "Locks the wrong locks in a handler",
    license: "GPL",
    params: {
        mutex: bool { default: false, description: "A mutex, instead of a spin lock" },
    },
}
