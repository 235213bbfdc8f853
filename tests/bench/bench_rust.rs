// SPDX-License-Identifier: GPL-2.0

//! The rows of `make bench` in Rust. `bench_c.c` is the other twin; both print the same names. The
//! driver is bound to QEMU's `edu`.

#![deny(unsafe_code)]

use core::{
    hint::black_box,
    mem::take,
    sync::atomic::{
        AtomicU32,
        Ordering::{Relaxed, SeqCst},
        compiler_fence,
    },
};

use kernel::{
    debugfs::Tree,
    device::{Bound, Core},
    dma::{DataDirection, Device as _, DmaMask, Mapped, Slot},
    fs::{File, file::Offset},
    io::Io,
    ioctl::_IOR,
    iov::IovIterDest,
    irq::{Flags, Handler, IrqReturn, Registration},
    miscdevice::{Files, Node, NodeOptions, OpenFile},
    pci,
    prelude::*,
    scope::Scope,
    time::{
        Delta,
        hrtimer::{Expired, Restart, Timer, TimerRef},
    },
    uaccess::UserSlice,
    workqueue::{self, Item, Job, WorkRef},
};

mod common;
mod measure;

use common::{Bar, coherent, locks, managed, memory, poll, print, registers};
use measure::measure;

type Buffer = KVec<u8>;

fn buffer() -> Result<Buffer> {
    Ok(KVec::from_elem(0, 2048, GFP_KERNEL)?)
}

fn map(dev: &pci::Device<Bound>, buffer: Buffer) -> Result<Mapped<'_, Buffer>> {
    Mapped::new(dev.as_ref(), buffer, DataDirection::FromDevice, GFP_KERNEL)
}

fn again(slot: Slot<'_>, buffer: Buffer) -> Result<Mapped<'_, Buffer>> {
    slot.map(buffer, DataDirection::FromDevice, GFP_KERNEL)
}

fn streaming(dev: &pci::Device<Bound>) -> Result {
    let mut kept = buffer()?;
    measure("map", 100, |_| {
        if let Ok(mapped) = map(dev, take(&mut kept)) {
            kept = mapped.into_inner().unwrap_or_default();
        }
    });
    let mut kept = Some((kept, Slot::new(dev.as_ref(), GFP_KERNEL)?));
    measure("slot", 100, |_| {
        if let Some((buffer, slot)) = kept.take() {
            kept = again(slot, buffer).map(Mapped::unmap).ok();
        }
    });
    drop(kept);
    let mut mapped = map(dev, buffer()?)?;
    measure("sync", 100, |_| {
        let access = mapped.sync_for_cpu();
        compiler_fence(SeqCst);
        drop(access);
    });
    drop(mapped);
    for n in [16, 128, 1024] {
        let mut ring = KVec::with_capacity(n, GFP_KERNEL)?;
        for _ in 0..n {
            ring.push(Some(map(dev, buffer()?)?), GFP_KERNEL)?;
        }
        let mut at = 0;
        measure(fmt!("ring_{n}"), 100, |_| {
            if let Some(slot) = ring.get_mut(at) {
                let buffer = slot.take().and_then(|mapped| mapped.into_inner().ok());
                *slot = buffer.and_then(|buffer| map(dev, buffer).ok());
            }
            at = if at + 1 < n { at + 1 } else { 0 };
        });
        let mut at = 0;
        measure(fmt!("slots_{n}"), 100, |_| {
            if let Some(entry) = ring.get_mut(at) {
                let free = entry.take().map(Mapped::unmap);
                *entry = free.and_then(|(buffer, slot)| again(slot, buffer).ok());
            }
            at = if at + 1 < n { at + 1 } else { 0 };
        });
    }
    Ok(())
}

struct Nothing(u64);

impl Expired for Nothing {
    fn expired(&self, _timer: &TimerRef) -> Restart {
        black_box(self.0);
        Restart::No
    }
}

impl Job for Nothing {
    fn run(&self, _work: &WorkRef) {
        black_box(self.0);
    }
}

fn later(scope: &Scope<'_>) -> Result {
    measure("timer", 50, |number| {
        drop(black_box(Timer::new(scope, Nothing(number))));
    });
    let timer = Timer::new(scope, Nothing(1))?;
    measure("timer_start", 50, |_| {
        timer.start(Delta::from_secs(3600));
        timer.cancel();
    });
    measure("work", 50, |number| {
        drop(black_box(Item::new(
            scope,
            workqueue::system(),
            Nothing(number),
        )));
    });
    Ok(())
}

const IDENTITY: u32 = _IOR::<u32>(b'L' as u32, 1);

/// What the files show.
struct Data<'bound> {
    bar: Bar<'bound>,
    value: u32,
    /// The number of interrupts.
    seen: AtomicU32,
    vectors: pci::IrqVectorRegistration<'bound>,
    _master: pci::BusMaster<'bound>,
}

/// Registers of `edu` that show which interrupts are raised, raise some, and acknowledge some.
const PENDING: usize = 0x24;
const RAISE: usize = 0x60;
const ACKNOWLEDGE: usize = 0x64;

impl Handler for Data<'_> {
    fn handle(&self) -> IrqReturn {
        let pending = self.bar.read32(PENDING);
        if pending == 0 {
            return IrqReturn::None;
        }
        self.bar.write32(pending, ACKNOWLEDGE);
        self.seen.fetch_add(1, Relaxed);
        IrqReturn::Handled
    }
}

fn interrupt(data: &Data<'_>) {
    measure("interrupt", 20, |_| {
        let before = data.seen.load(Relaxed);
        data.bar.write32(1, RAISE);
        while data.seen.load(Relaxed) == before {
            core::hint::spin_loop();
        }
    });
}

#[vtable]
impl Files for &Data<'_> {
    type File = ();

    fn open(&self, _file: &File) -> Result {
        Ok(())
    }

    fn read_iter(
        &self,
        _file: &OpenFile<'_, ()>,
        _pos: &mut Offset,
        iov: &mut IovIterDest<'_>,
    ) -> Result<usize> {
        match iov.copy_to_iter(&black_box(self.value).to_ne_bytes()) {
            4 => Ok(4),
            _ => Err(EFAULT),
        }
    }

    fn ioctl(&self, _file: &OpenFile<'_, ()>, cmd: u32, arg: usize) -> Result<isize> {
        match cmd {
            IDENTITY => UserSlice::new(UserPtr::from_addr(arg), 4)
                .writer()
                .write(&black_box(self.value))?,
            _ => return Err(ENOTTY),
        }
        Ok(0)
    }
}

struct Bench;

kernel::pci_device_table!(
    TABLE,
    (),
    [(
        pci::DeviceId::from_id(pci::Vendor::from_raw(0x1234), 0x11e8),
        ()
    )]
);

impl pci::Driver for Bench {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            pdev.enable_device_mem()?;
            pdev.dma_set_mask_and_coherent(DmaMask::new::<64>())?;
            let bar = pdev.iomap_region_sized(0, c"bench_rust")?;
            registers(&bar)?;
            poll();
            memory()?;
            locks()?;
            print(pdev);
            Ok(Data {
                bar,
                value: 0x0100_00ed,
                seen: AtomicU32::new(0),
                vectors: pdev.alloc_irq_vectors(1, 1, pci::IrqTypes::all())?,
                _master: pdev.bus_master()?,
            })
        })
    }

    fn attach<'bound, 'x>(
        pdev: &'bound pci::Device<Core<'_>>,
        data: Pin<&'x Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        later(scope)?;
        let data = data.get_ref();
        black_box(data.bar.read32(0));
        Registration::new_in(
            scope,
            data.vectors.index(0)?.into(),
            Flags::SHARED,
            c"bench_rust",
            data,
        )?
        .detach();
        Tree::new(scope, None, c"bench", data, |data, dir| {
            dir.read_only_file(c"value", &data.value);
        })?
        .detach();
        let options = NodeOptions::new(fmt!("bench"))?.parent(pdev.as_ref());
        Node::new(scope, options, data)?.detach();
        // These want a device in service.
        let device: &'bound pci::Device<Bound> = pdev;
        let item = Item::new(scope, workqueue::system(), InService(device, data))?;
        item.queue_after(Delta::from_millis(100));
        item.detach();
        Ok(())
    }
}

/// Measures what a driver does while its device is in service.
struct InService<'bound, 'x>(&'bound pci::Device<Bound>, &'x Data<'bound>);

impl Job for InService<'_, '_> {
    fn run(&self, _work: &WorkRef) {
        interrupt(self.1);
        let done = streaming(self.0)
            .and_then(|()| coherent(self.0))
            .and_then(|()| managed(self.0));
        if let Err(error) = done {
            dev_err!(self.0, "the measurement failed: {error:?}\n");
        }
        pr_info!("row done 0\n");
    }
}

kernel::module_pci_driver! {
    type: Bench,
    name: "bench_rust",
    authors: ["The Lifebound developers"],
    description: "The rows of make bench in Rust",
    license: "GPL",
}
