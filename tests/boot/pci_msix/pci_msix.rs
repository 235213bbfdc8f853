// SPDX-License-Identifier: GPL-2.0

//! Five vectors of one device, with a handler for each. See `boot` in this directory.
//!
//! The device is QEMU's `e1000e` (Intel 82574), which can be told to raise each of its interrupts
//! (datasheet, section 10.2.4).

#![forbid(unsafe_code)]

use core::sync::atomic::{AtomicU32, Ordering};

use kernel::{
    device::Core,
    io::{Io, poll::read_poll_timeout},
    irq::{Flags, Handler, IrqReturn, Registration},
    pci::{self, IrqType, IrqTypes},
    prelude::*,
    scope::Scope,
    time::{Delta, delay::fsleep},
};

kernel::io::register! {
    /// Resets the device.
    CONTROL(u32) @ 0x0 { 26:26 reset => bool; }
    /// The interrupts that are raised; writing a one clears a bit.
    CAUSE(u32) @ 0xc0 { 31:0 bits; }
    /// Raises interrupts.
    CAUSE_SET(u32) @ 0xc8 { 31:0 bits; }
    /// Enables interrupts.
    MASK_SET(u32) @ 0xd0 { 31:0 bits; }
    /// Disables interrupts.
    MASK_CLEAR(u32) @ 0xd8 { 31:0 bits; }
    /// The vector of each of the five interrupts, and whether it has one: four bits each.
    ALLOCATION(u32) @ 0xe4 { 31:0 bits; }
}

const VECTORS: usize = 5;

/// The interrupt of each vector: two receive queues, two transmit queues, everything else.
const fn cause(vector: usize) -> u32 {
    1 << (20 + vector)
}

const ALL: u32 = 0x1f << 20;

struct Msix;

kernel::pci_device_table!(
    TABLE,
    (),
    [(pci::DeviceId::from_id(pci::Vendor::INTEL, 0x10d3), ())]
);

struct Data<'bound> {
    // The BAR is the first to be released, so that nothing is sent any more.
    registers: pci::Bar<'bound, 0x100>,
    vectors: pci::IrqVectorRegistration<'bound>,
    _master: pci::BusMaster<'bound>,
    seen: [AtomicU32; VECTORS],
}

/// Counts the interrupts of one vector.
struct Count<'x> {
    data: &'x Data<'x>,
    vector: usize,
}

impl Handler for Count<'_> {
    fn handle(&self) -> IrqReturn {
        let Some(seen) = self.data.seen.get(self.vector) else {
            return IrqReturn::None;
        };
        let bits = CAUSE::from(cause(self.vector));
        self.data.registers.write(CAUSE, bits);
        seen.fetch_add(1, Ordering::Relaxed);
        IrqReturn::Handled
    }
}

impl Data<'_> {
    fn counts(&self) -> [u32; VECTORS] {
        self.seen
            .each_ref()
            .map(|seen| seen.load(Ordering::Relaxed))
    }

    fn raise(&self, vector: usize) {
        let bits = CAUSE_SET::from(cause(vector));
        self.registers.write(CAUSE_SET, bits);
    }

    /// Raises an interrupt, and waits until its handler was called.
    fn works(&self, vector: usize) -> Result {
        let before = self.count(vector);
        self.raise(vector);
        self.rises(vector, before)
    }

    fn rises(&self, vector: usize, before: u32) -> Result {
        let (wait, limit) = (Delta::from_millis(1), Delta::from_secs(5));
        read_poll_timeout(
            || Ok(self.count(vector)),
            |seen| *seen != before,
            wait,
            limit,
        )
        .map(drop)
        .inspect_err(|_| pr_err!("vector {vector} is silent: {:?}\n", self.counts()))
    }

    fn count(&self, vector: usize) -> u32 {
        self.counts().get(vector).copied().unwrap_or(0)
    }
}

impl pci::Driver for Msix {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            pdev.enable_device_mem()?;
            let types = IrqTypes::default().with(IrqType::MsiX);
            let too_many = pdev.alloc_irq_vectors(6, 6, types);
            dev_info!(pdev, "six: {:?}\n", too_many.err());
            let vectors = pdev.alloc_irq_vectors(2, 8, types)?;
            dev_info!(
                pdev,
                "{} vectors, {:?}\n",
                vectors.len(),
                vectors.irq_type()
            );
            Ok(Data {
                registers: pdev.iomap_region_sized(0, c"pci_msix")?,
                vectors,
                _master: pdev.bus_master()?,
                seen: [const { AtomicU32::new(0) }; VECTORS],
            })
        })
    }

    fn attach<'bound, 'x>(
        pdev: &'bound pci::Device<Core<'_>>,
        data: Pin<&'x Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        let data: &'x Data<'x> = data.get_ref();
        data.registers.write(MASK_CLEAR, MASK_CLEAR::from(u32::MAX));
        data.registers
            .write(CONTROL, CONTROL::zeroed().with_reset(true));
        fsleep(Delta::from_millis(2));
        data.registers.write(ALLOCATION, ALLOCATION::from(0xcba98));
        let mut handlers = KVec::new();
        for vector in 0..VECTORS {
            let request = data.vectors.index(vector)?;
            let count = Count { data, vector };
            let name = c"pci_msix";
            let registration =
                Registration::new_in(scope, request.into(), Flags::TRIGGER_NONE, name, count)?;
            handlers.push(registration, GFP_KERNEL)?;
        }
        dev_info!(pdev, "sixth: {:?}\n", data.vectors.index(VECTORS).err());
        // An interrupt that the table of vectors kept from an earlier binding has come by now.
        fsleep(Delta::from_millis(20));
        for seen in &data.seen {
            seen.store(0, Ordering::Relaxed);
        }
        data.registers.write(MASK_SET, MASK_SET::from(ALL));

        // The device may send a message twice, but never one without a reason.
        let mut silent: KVec<usize> = KVec::new();
        for vector in [2, 1, 4, 0, 3] {
            silent.push(vector, GFP_KERNEL)?;
        }
        while let Some(vector) = silent.pop() {
            data.works(vector)?;
            if silent.iter().any(|other| data.count(*other) != 0) {
                dev_err!(pdev, "vector {vector}: {:?}\n", data.counts());
                return Err(EIO);
            }
        }
        dev_info!(pdev, "each has its own\n");

        // One vector is held back, the others are not.
        let before = data.count(2);
        let held = handlers.get(2).ok_or(EINVAL)?.disable();
        data.raise(2);
        data.works(3)?;
        let held_back = data.count(2) == before;
        drop(held);
        data.rises(2, before)?;
        dev_info!(pdev, "one was held back: {held_back}\n");

        // One handler is given up, the others continue.
        let given_up = handlers.remove(1)?;
        drop(given_up);
        let before = data.count(1);
        data.raise(1);
        data.works(4)?;
        fsleep(Delta::from_millis(20));
        dev_info!(pdev, "one was given up: {}\n", data.count(1) == before);
        core::mem::forget(handlers);
        Ok(())
    }
}

impl Drop for Data<'_> {
    fn drop(&mut self) {
        self.registers.write(MASK_CLEAR, MASK_CLEAR::from(u32::MAX));
        pr_info!("data dropped\n");
    }
}

kernel::module_pci_driver! {
    type: Msix,
    name: "pci_msix",
    authors: ["The Lifebound developers"],
    description: "Several vectors of one device",
    license: "GPL",
}
