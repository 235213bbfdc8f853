// SPDX-License-Identifier: GPL-2.0

//! A device node for each `edu` device, whose files use the driver's data; the device goes away
//! while they are open. The module has a node, too, as in Linux's own crate. See `boot` and
//! `user.c` in this directory.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    fs::{File, Kiocb, file::Offset},
    io::Io,
    ioctl::{_IO, _IOR, _IOWR},
    iov::{IovIterDest, IovIterSource},
    miscdevice::{
        Files, MiscDevice, MiscDeviceOptions, MiscDeviceRegistration, Node, NodeOptions, OpenFile,
    },
    pci,
    poll::{Events, Queue},
    prelude::*,
    scope::Scope,
    sync::{
        Arc, Completion, Mutex,
        atomic::{Atomic, Relaxed},
    },
    time::{Delta, delay::fsleep},
    uaccess::UserSlice,
    workqueue::{self, Item, Job, WorkRef},
};

const IDENTITY: u32 = _IOR::<u32>(b'L' as u32, 1);
const SUM: u32 = _IOWR::<[u32; 2]>(b'L' as u32, 2);
const BUSY: u32 = _IO(b'L' as u32, 3);
const LATER: u32 = _IO(b'L' as u32, 4);

/// Reads a program's memory from a context that belongs to no program; keeps the value found, or 0.
struct Later(usize, Arc<Atomic<u32>>);

impl Job for Later {
    fn run(&self, _work: &WorkRef) {
        let slice = || UserSlice::new(UserPtr::from_addr(self.0), size_of::<u32>());
        let found = slice().reader().read::<u32>().unwrap_or(0);
        let written = slice().writer().write(&1_u32).is_ok();
        self.1.store(found | u32::from(written), Relaxed);
    }
}

/// The state that the files use.
#[pin_data(PinnedDrop)]
struct Data<'bound> {
    pdev: &'bound pci::Device<Bound>,
    bar: pci::Bar<'bound, 0x100>,
    /// The text that was written last.
    #[pin]
    text: Mutex<KVec<u8>>,
    queue: Queue,
    #[pin]
    stopping: Completion,
    inside: Atomic<u32>,
}

#[pinned_drop]
impl PinnedDrop for Data<'_> {
    fn drop(self: Pin<&mut Self>) {
        let inside = self.inside.load(Relaxed);
        if inside != 0 || self.bar.read32(0) != 0x0100_00ed {
            dev_err!(self.pdev, "TOO EARLY: {inside} calls are running\n");
        }
        if !module_parameters::quiet.read() {
            dev_info!(self.pdev, "data dropped\n");
        }
    }
}

/// Counts a call that is running.
struct Inside<'a>(&'a Atomic<u32>);

impl<'a> Inside<'a> {
    fn new(count: &'a Atomic<u32>) -> Self {
        count.add(1, Relaxed);
        Self(count)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// The state of each open file.
struct Opened {
    calls: Atomic<u32>,
}

impl Drop for Opened {
    fn drop(&mut self) {
        if !module_parameters::quiet.read() {
            pr_info!("file closed after {} calls\n", self.calls.load(Relaxed));
        }
    }
}

#[vtable]
impl Files for &Data<'_> {
    type File = Opened;

    fn open(&self, _file: &File) -> Result<Opened> {
        let _inside = Inside::new(&self.inside);
        Ok(Opened {
            calls: Atomic::new(0),
        })
    }

    /// Waits until a text was written, and takes it away.
    fn read_iter(
        &self,
        file: &OpenFile<'_, Opened>,
        _pos: &mut Offset,
        iov: &mut IovIterDest<'_>,
    ) -> Result<usize> {
        let _inside = Inside::new(&self.inside);
        file.state().calls.add(1, Relaxed);
        loop {
            file.wait_until(|| !self.text.lock().is_empty())?;
            let mut text = self.text.lock();
            // Another reader may have been faster.
            if !text.is_empty() {
                let count = iov.copy_to_iter(&text);
                text.clear();
                return Ok(count);
            }
        }
    }

    fn write_iter(
        &self,
        file: &OpenFile<'_, Opened>,
        pos: &mut Offset,
        iov: &mut IovIterSource<'_>,
    ) -> Result<usize> {
        let _inside = Inside::new(&self.inside);
        file.state().calls.add(1, Relaxed);
        let count = iov.copy_from_iter_vec(&mut self.text.lock(), GFP_KERNEL)?;
        *pos += Offset::try_from(count)?;
        self.queue.wake(Events::READABLE);
        Ok(count)
    }

    fn ioctl(&self, file: &OpenFile<'_, Opened>, cmd: u32, arg: usize) -> Result<isize> {
        let _inside = Inside::new(&self.inside);
        file.state().calls.add(1, Relaxed);
        let (mut reader, mut writer) =
            UserSlice::new(UserPtr::from_addr(arg), kernel::ioctl::_IOC_SIZE(cmd)).reader_writer();
        match cmd {
            IDENTITY => writer.write(&self.bar.read32(0))?,
            SUM => {
                let [a, b] = reader.read::<[u32; 2]>()?;
                writer.write(&[a.wrapping_add(b), self.bar.read32(0)])?;
            }
            LATER => {
                let found = Arc::new(Atomic::new(0), GFP_KERNEL)?;
                let job = Later(arg, found.clone());
                let item = Item::new_static(self.pdev.as_ref(), workqueue::system(), job)?;
                item.queue();
                item.flush();
                return Ok(isize::try_from(found.load(Relaxed))?);
            }
            BUSY => {
                dev_info!(self.pdev, "busy\n");
                self.stopping.wait_for_completion_interruptible()?;
                // The end of the node waits for this.
                fsleep(Delta::from_millis(50));
                dev_info!(self.pdev, "busy until register {:#x}\n", self.bar.read32(0));
                return Ok(7);
            }
            _ => return Err(ENOTTY),
        }
        Ok(0)
    }

    fn poll(&self, _file: &OpenFile<'_, Opened>) -> Events {
        let _inside = Inside::new(&self.inside);
        if self.text.lock().is_empty() {
            Events::WRITABLE
        } else {
            Events::READABLE | Events::WRITABLE
        }
    }

    fn stopping(&self) {
        self.stopping.complete_all();
    }
}

/// Files with a size.
struct Tape<'x, 'bound>(&'x Data<'bound>);

#[vtable]
impl Files for Tape<'_, '_> {
    type File = ();

    fn open(&self, _file: &File) -> Result {
        Ok(())
    }

    fn read_iter(
        &self,
        _file: &OpenFile<'_, ()>,
        pos: &mut Offset,
        iov: &mut IovIterDest<'_>,
    ) -> Result<usize> {
        iov.simple_read_from_buffer(pos, &self.0.bar.read32(0).to_be_bytes())
    }

    fn size(&self, _file: &OpenFile<'_, ()>) -> Result<Offset> {
        let _inside = Inside::new(&self.0.inside);
        Ok(4)
    }
}

struct EduFiles;

kernel::pci_device_table!(
    TABLE,
    (),
    [(
        pci::DeviceId::from_id(pci::Vendor::from_raw(0x1234), 0x11e8),
        ()
    )]
);

impl pci::Driver for EduFiles {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            pdev.enable_device_mem()?;
            let bar = pdev.iomap_region_sized(0, c"misc_files")?;
            Ok(try_pin_init!(Data {
                pdev,
                bar,
                text <- kernel::new_mutex!(KVec::new()),
                queue: Queue::new(GFP_KERNEL)?,
                stopping <- Completion::new(),
                inside: Atomic::new(0),
            }))
        })
    }

    fn attach<'bound, 'x>(
        pdev: &'bound pci::Device<Core<'_>>,
        data: Pin<&'x Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        let data = data.get_ref();
        // The name is gone before the node is.
        let options = NodeOptions::new(fmt!("edu-{}", pdev.as_ref().name()))?
            .parent(pdev.as_ref())
            .queue(&data.queue)
            .mode(0o640);
        // Forgetting a node changes nothing, a name that is taken leaves nothing behind, and
        // dropping a node ends it.
        core::mem::forget(Node::new(scope, options, data)?);
        let early = NodeOptions::new(fmt!("early-{}", pdev.as_ref().name()))?;
        drop(Node::new(scope, early, data)?);
        let tape = NodeOptions::new(fmt!("tape-{}", pdev.as_ref().name()))?;
        Node::new(scope, tape, Tape(data))?.detach();
        Ok(())
    }
}

/// The module's own node: a counter for each file.
struct Own;

#[vtable]
impl MiscDevice for Own {
    type Ptr = KBox<Atomic<u32>>;

    fn open(_file: &File, misc: &MiscDeviceRegistration<Self>) -> Result<Self::Ptr> {
        dev_info!(misc.device(), "opened\n");
        Ok(KBox::new(Atomic::new(0), GFP_KERNEL)?)
    }

    fn release(device: Self::Ptr, _file: &File) {
        pr_info!("own file closed at {}\n", device.load(Relaxed));
    }

    fn read_iter(mut kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterDest<'_>) -> Result<usize> {
        kiocb.file().add(1, Relaxed);
        iov.simple_read_from_buffer(kiocb.ki_pos_mut(), b"own text\n")
    }

    fn ioctl(device: &Atomic<u32>, file: &File, _cmd: u32, arg: usize) -> Result<isize> {
        if file.is_nonblocking() {
            return Err(EAGAIN);
        }
        Ok(isize::try_from(
            device.fetch_add(u32::try_from(arg)?, Relaxed),
        )?)
    }
}

#[pin_data]
struct Module {
    #[pin]
    _own: MiscDeviceRegistration<Own>,
    #[pin]
    _driver: kernel::driver::Registration<pci::Adapter<EduFiles>>,
}

impl kernel::InPlaceModule for Module {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            _own <- MiscDeviceRegistration::register(MiscDeviceOptions { name: c"own" }),
            _driver <- kernel::driver::Registration::new(
                <LocalModule as kernel::ModuleMetadata>::NAME,
                module,
            ),
        })
    }
}

module! {
    type: Module,
    name: "misc_files",
    authors: ["The Lifebound developers"],
    description: "Device nodes whose devices go while files are open",
    license: "GPL",
    params: {
        quiet: bool {
            default: false,
            description: "Print what is wrong only",
        },
    },
}
