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
    devres::Devres,
    dma::{Coherent, DataDirection, Device as _, DmaMask, Mapped, Slot},
    fs::{File, file::Offset},
    io::{
        Io,
        poll::{read_poll_timeout, read_poll_timeout_atomic},
    },
    ioctl::_IOR,
    iov::IovIterDest,
    irq::{Flags, Handler, IrqReturn, Registration},
    miscdevice::{Files, Node, NodeOptions, OpenFile},
    pci,
    prelude::*,
    scope::Scope,
    sync::{Mutex, SpinLock},
    time::{
        Delta,
        hrtimer::{Expired, Restart, Timer, TimerRef},
    },
    uaccess::UserSlice,
    workqueue::{self, Item, Job, WorkRef},
};

mod measure;

use measure::{instructions, measure};

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

fn coherent(dev: &pci::Device<Bound>) -> Result {
    measure("coherent", 20, |_| {
        drop(black_box(Coherent::<[u8; 4096]>::zeroed(
            dev.as_ref(),
            GFP_KERNEL,
        )));
    });
    Ok(())
}

fn devres(dev: &pci::Device<Bound>, value: u64) -> Result<Devres<u64>> {
    Devres::new::<Error>(dev.as_ref(), Ok(value))
}

fn managed(dev: &pci::Device<Bound>) -> Result {
    measure("devres", 50, |number| {
        drop(black_box(devres(dev, number)));
    });
    for n in [100, 1000, 5000] {
        let mut entries = KVVec::with_capacity(n, GFP_KERNEL)?;
        for number in 0..n as u64 {
            entries.push(Some(devres(dev, number)?), GFP_KERNEL)?;
        }
        measure(fmt!("entry_{n}"), 50, |number| {
            drop(black_box(devres(dev, number)));
        });
        let start = instructions();
        for entry in entries.iter_mut().take(50) {
            *entry = None;
        }
        pr_info!("row oldest_{n} {}\n", (instructions() - start) * 10 / 50);
    }
    Ok(())
}

#[inline(never)]
fn checked(registers: &pci::Bar<'_, 0x100>, offset: usize) -> Result<u32> {
    registers.try_read32(offset)
}

fn registers(registers: &pci::Bar<'_, 0x100>) -> Result {
    measure("checked", 100, |_| {
        let _ = black_box(checked(registers, black_box(0x20)));
    });
    let bytes = registers.try_cast::<[u8; 128]>()?;
    measure("bulk", 50, |_| {
        black_box(&bytes.copy_read());
    });
    Ok(())
}

fn poll() {
    #[inline(never)]
    fn once(value: &bool) -> Result<bool> {
        read_poll_timeout(
            || Ok(*black_box(value)),
            |value| *value,
            Delta::from_micros(10),
            Delta::from_micros(1000),
        )
    }
    #[inline(never)]
    fn ten(count: &mut u32) -> Result<u32> {
        read_poll_timeout_atomic(
            || {
                *count += 1;
                Ok(*black_box(&*count))
            },
            |value| *value == 10,
            Delta::ZERO,
            1000,
        )
    }
    measure("poll", 100, |_| {
        let _ = black_box(once(&true));
    });
    measure("poll_atomic", 100, |_| {
        let _ = black_box(ten(&mut 0));
    });
}

#[inline(never)]
fn fill(vector: &mut KVec<u32>, n: u32) -> Result {
    for number in 0..n {
        vector.push(number, GFP_KERNEL)?;
    }
    Ok(())
}

fn memory() -> Result {
    let mut vector = KVec::with_capacity(1000, GFP_KERNEL)?;
    measure("push", 10, |_| {
        vector.clear();
        let _ = fill(&mut vector, 1000);
    });
    measure("push_growing", 10, |_| {
        let mut vector = KVec::new();
        let _ = fill(&mut vector, 1000);
    });
    measure("box_8", 100, |number| {
        if let Ok(word) = KBox::new(number, GFP_KERNEL) {
            black_box(&*word);
        }
    });
    measure("box_256", 100, |number| {
        if let Ok(bytes) = KBox::new([number as u8; 256], GFP_KERNEL) {
            black_box(&*bytes);
        }
    });
    Ok(())
}

fn locks() -> Result {
    let mutex = KBox::pin_init(kernel::new_mutex!(0_u64), GFP_KERNEL)?;
    let spinlock = KBox::pin_init(kernel::new_spinlock!(0_u64), GFP_KERNEL)?;
    let (mutex, spinlock): (&Mutex<u64>, &SpinLock<u64>) = (&mutex, &spinlock);
    measure("mutex", 100, |_| *mutex.lock() += 1);
    measure("spinlock", 100, |_| *spinlock.lock() += 1);
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

fn print(dev: &pci::Device<Bound>) {
    measure("print", 5, |number| {
        dev_info!(dev, "a message with the number {number} in it\n");
    });
    let name = black_box("something");
    measure("print_110", 5, |number| {
        dev_info!(
            dev,
            "{name}: a message of about one hundred and ten characters, with a name, the number {number} and another: {number:#x}\n"
        );
    });
}

const IDENTITY: u32 = _IOR::<u32>(b'L' as u32, 1);

/// What the files show.
struct Data<'bound> {
    bar: pci::Bar<'bound, 0x100>,
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
