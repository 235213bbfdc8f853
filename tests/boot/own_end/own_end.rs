// SPDX-License-Identifier: GPL-2.0

//! Callbacks that end their own registrations, and `open` functions that make or end items that
//! take C's lock of misc devices. Such a call is an error, or is done right afterwards, and never
//! hangs. See `boot` in this directory.

#![forbid(unsafe_code)]

use kernel::{
    InPlaceModule, auxiliary,
    debugfs::{self, Dir, Tree},
    device::{Bound, Core},
    driver,
    fs::{File, Kiocb, file::Offset},
    io::Io,
    iov::IovIterDest,
    irq::{Flags, IrqReturn, ThreadedHandler, ThreadedIrqReturn, ThreadedRegistration},
    miscdevice::{
        Files, MiscDevice, MiscDeviceOptions, MiscDeviceRegistration, Node, NodeOptions, OpenFile,
    },
    new_mutex, new_spinlock_irq,
    pci::{self, IrqType, IrqTypes},
    prelude::*,
    scope::Scope,
    sync::{Arc, Mutex, SpinLockIrq},
    sysfs::{Attribute, Attributes, Group},
    time::{
        Delta,
        hrtimer::{Expired, Restart, Timer, TimerRef},
    },
    types::CovariantForLt,
    uaccess::UserSliceReader,
    workqueue::{self, Item, Job, WorkRef},
};

fn say<T>(what: &str, result: Result<T>) {
    match result {
        Ok(_) => pr_err!("{what}: ACCEPTED\n"),
        Err(error) => pr_info!("{what}: {error:?}\n"),
    }
}

/// Reports when it is dropped.
struct Told(&'static str);

impl Drop for Told {
    fn drop(&mut self) {
        pr_info!("{} is gone\n", self.0);
    }
}

/// A handle that its own callback takes. Until then, the registered value keeps it.
type Own<T> = Arc<Mutex<Option<T>>>;

fn own<T: Send>() -> Result<Own<T>> {
    Ok(Arc::pin_init(new_mutex!(None), GFP_KERNEL)?)
}

fn end<T: Unpin>(own: &Mutex<Option<T>>, what: &str) {
    let handle = own.lock().take();
    drop(handle);
    pr_info!("{what} goes on\n");
}

/// Nodes and devices that are made in `open`.
struct Makes<'x> {
    scope: &'x Scope<'x>,
}

struct Idle;

#[vtable]
impl Files for Idle {
    type File = ();

    fn open(&self, _file: &File) -> Result {
        Ok(())
    }
}

#[vtable]
impl MiscDevice for Idle {
    type Ptr = KBox<()>;

    fn open(_file: &File, _misc: &MiscDeviceRegistration<Self>) -> Result<KBox<()>> {
        Ok(KBox::new((), GFP_KERNEL)?)
    }

    fn read_iter(_kiocb: Kiocb<'_, KBox<()>>, _iov: &mut IovIterDest<'_>) -> Result<usize> {
        Ok(0)
    }
}

#[vtable]
impl Files for Makes<'_> {
    type File = ();

    fn open(&self, _file: &File) -> Result {
        let options = || NodeOptions::new(fmt!("own-new"));
        say("a node", Node::new(self.scope, options()?, Idle));
        let name = MiscDeviceOptions { name: c"own-new" };
        let misc = MiscDeviceRegistration::<Idle>::register(name);
        say("a node of the module", KBox::pin_init(misc, GFP_KERNEL));
        let child = child(self.scope);
        say("a device", child);
        let driver = driver::Registration::<auxiliary::Adapter<Child>>::new(
            c"own_end_new",
            kernel::module::this_module::<LocalModule>(),
        );
        say("a driver", KBox::pin_init(driver, GFP_KERNEL));
        Ok(())
    }
}

/// A node whose `open` ends the node itself.
struct Opens(
    Own<Node<Opens>>,
    #[expect(dead_code, reason = "its drop tells")] Told,
);

#[vtable]
impl Files for Opens {
    type File = ();

    fn open(&self, _file: &File) -> Result {
        end(&self.0, "open");
        Ok(())
    }
}

/// A node whose `open` ends another node.
struct OpensOther(Own<Node<Reads>>);

#[vtable]
impl Files for OpensOther {
    type File = ();

    fn open(&self, _file: &File) -> Result {
        end(&self.0, "open of another");
        Ok(())
    }
}

/// A node whose reading ends the node itself.
struct Reads(
    Own<Node<Reads>>,
    #[expect(dead_code, reason = "its drop tells")] Told,
);

#[vtable]
impl Files for Reads {
    type File = ();

    fn open(&self, _file: &File) -> Result {
        Ok(())
    }

    fn read_iter(
        &self,
        _file: &OpenFile<'_, ()>,
        _pos: &mut Offset,
        _iov: &mut IovIterDest<'_>,
    ) -> Result<usize> {
        end(&self.0, "read");
        Ok(0)
    }
}

type PlainOf = CovariantForLt!(Told);
type ChildHandle<'x> = auxiliary::Registration<'x, PlainOf>;

fn child<'x>(scope: &Scope<'x>) -> Result<ChildHandle<'x>> {
    let init = || Ok::<_, Error>(Told("the child's registration"));
    ChildHandle::new_in(
        scope,
        c"child",
        0,
        c"own_end",
        pin_init::pin_init_scope(init),
    )
}

/// A node whose `open` ends a device whose driver has a node.
#[pin_data]
struct OpensParent<'x> {
    #[pin]
    child: Mutex<Option<ChildHandle<'x>>>,
}

#[vtable]
impl Files for OpensParent<'_> {
    type File = ();

    fn open(&self, _file: &File) -> Result {
        end(&self.child, "open of the parent");
        Ok(())
    }
}

/// A node whose `open` ends a node of the module.
#[pin_data]
struct OpensMisc {
    #[pin]
    misc: Mutex<Option<Pin<KBox<MiscDeviceRegistration<Idle>>>>>,
}

#[vtable]
impl Files for OpensMisc {
    type File = ();

    fn open(&self, _file: &File) -> Result {
        end(&self.misc, "open of the module's");
        Ok(())
    }
}

/// A file that is removed by writing to it.
struct WritesFile(
    Own<Pin<KBox<debugfs::File<WritesFile>>>>,
    #[expect(dead_code, reason = "its drop tells")] Told,
);

fn file_written(this: &WritesFile, _reader: &mut UserSliceReader) -> Result {
    end(&this.0, "write to the file");
    Ok(())
}

/// A driver that its own `probe` unregisters.
struct Once;

type OnceDriver = Pin<KBox<driver::Registration<auxiliary::Adapter<Once>>>>;

/// The place in which `probe` finds the driver.
struct Held(Own<OnceDriver>);

type HeldOf = CovariantForLt!(Held);

kernel::auxiliary_device_table!(
    ONCE,
    (),
    [(auxiliary::DeviceId::new(c"own_end", c"once"), ())]
);

impl auxiliary::Driver for Once {
    type IdInfo = ();
    type Data<'bound> = Told;
    const ID_TABLE: auxiliary::IdTable<()> = &ONCE;

    fn probe<'bound>(
        device: &'bound auxiliary::Device<Core<'_>>,
        _info: &'bound (),
    ) -> impl PinInit<Told, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            let held = device.registration_data::<HeldOf>()?;
            end(&held.get_ref().0, "probe");
            Ok(Told("the data of the driver that has gone"))
        })
    }
}

/// Attributes that end when a value is stored.
struct Stores(
    Own<Group<Stores>>,
    #[expect(dead_code, reason = "its drop tells")] Told,
);

impl Attributes for Stores {
    const LIST: &'static [Attribute] = &[Attribute::write_only(c"own_end")];

    fn store(&self, _name: &CStr, _text: &[u8]) -> Result {
        end(&self.0, "store");
        Ok(())
    }
}

/// A tree that ends when its file is written to.
struct Writes(
    Own<Tree<Writes>>,
    #[expect(dead_code, reason = "its drop tells")] Told,
);

fn written(this: &Writes, _reader: &mut UserSliceReader) -> Result {
    end(&this.0, "write");
    Ok(())
}

/// A job that ends its item, after it has asked for its end in other ways.
struct Works(
    Own<Item<Works>>,
    #[expect(dead_code, reason = "its drop tells")] Told,
);

impl Job for Works {
    fn run(&self, _work: &WorkRef) {
        let item = self.0.lock().take();
        if let Some(item) = item.as_ref() {
            item.flush();
            item.cancel();
        }
        drop(item);
        pr_info!("job goes on\n");
    }
}

/// A timer that its own function ends.
struct Fires(
    Arc<SpinLockIrq<Option<Timer<Fires>>>>,
    #[expect(dead_code, reason = "its drop tells")] Told,
);

impl Expired for Fires {
    fn expired(&self, _timer: &TimerRef) -> Restart {
        let timer = self.0.lock().take();
        if let Some(timer) = timer.as_ref() {
            timer.cancel();
        }
        drop(timer);
        pr_info!("timer goes on\n");
        Restart::No
    }
}

kernel::io::register! {
    PENDING(u32) @ 0x24 { 31:0 bits; }
    RAISE(u32) @ 0x60 { 31:0 bits; }
    ACKNOWLEDGE(u32) @ 0x64 { 31:0 bits; }
}

/// A handler that ends its own registration, after it has waited for itself.
struct Handles<'x, 'bound> {
    data: &'x Data<'bound>,
    own: Own<ThreadedRegistration<'x, Handles<'x, 'bound>>>,
    _told: Told,
}

impl ThreadedHandler for Handles<'_, '_> {
    fn handle(&self) -> ThreadedIrqReturn {
        let pending = self.data.bar.read(PENDING).bits().get();
        if pending == 0 {
            return ThreadedIrqReturn::None;
        }
        self.data.bar.write(ACKNOWLEDGE, ACKNOWLEDGE::from(pending));
        ThreadedIrqReturn::WakeThread
    }

    fn handle_threaded(&self) -> IrqReturn {
        let own = self.own.lock().take();
        if let Some(own) = own.as_ref() {
            own.synchronize();
            drop(own.disable());
        }
        drop(own);
        pr_info!("handler goes on\n");
        IrqReturn::Handled
    }
}

struct Data<'bound> {
    bar: pci::Bar<'bound, 0x100>,
    vectors: pci::IrqVectorRegistration<'bound>,
}

struct Edu;

kernel::pci_device_table!(
    TABLE,
    (),
    [(
        pci::DeviceId::from_id(pci::Vendor::from_raw(0x1234), 0x11e8),
        ()
    )]
);

impl Edu {
    fn nodes<'x>(scope: &'x Scope<'x>) -> Result {
        let options = |name| NodeOptions::new(fmt!("own-{name}"));
        Node::new(scope, options("makes")?, Makes { scope })?.detach();

        let slot = own()?;
        let opens = Opens(slot.clone(), Told("a node that opened"));
        *slot.lock() = Some(Node::new(scope, options("opens")?, opens)?);

        for name in ["reads", "other"] {
            let slot = own()?;
            let reads = Reads(slot.clone(), Told("a node that was read"));
            *slot.lock() = Some(Node::new(scope, options(name)?, reads)?);
            if name == "other" {
                Node::new(scope, options("opens-other")?, OpensOther(slot))?.detach();
            }
        }
        let child = child(scope)?;
        let parent = try_pin_init!(OpensParent { child <- new_mutex!(Some(child)) });
        Node::new(scope, options("opens-parent")?, parent)?.detach();

        let misc = MiscDeviceRegistration::register(MiscDeviceOptions { name: c"own-misc" });
        let misc = KBox::pin_init(misc, GFP_KERNEL)?;
        let opens = try_pin_init!(OpensMisc { misc <- new_mutex!(Some(misc)) });
        Node::new(scope, options("opens-misc")?, opens)?.detach();
        Ok(())
    }

    fn others<'x>(scope: &'x Scope<'x>) -> Result {
        let slot = own()?;
        let stores = Stores(slot.clone(), Told("attributes"));
        *slot.lock() = Some(Group::new(scope, None, stores)?);

        let slot = own()?;
        let writes = Writes(slot.clone(), Told("a tree"));
        *slot.lock() = Some(Tree::new(
            scope,
            None,
            c"own_end",
            writes,
            |writes, dir| {
                dir.write_only_callback_file(c"end", writes, &written);
            },
        )?);

        let slot = own()?;
        let writes = WritesFile(slot.clone(), Told("a file"));
        let dir = Dir::shared(c"own_end_file");
        let file = dir.write_callback_file::<_, Error, _>(
            c"end",
            pin_init::pin_init_scope(move || Ok::<_, Error>(writes)),
            &file_written,
        );
        *slot.lock() = Some(KBox::pin_init(file, GFP_KERNEL)?);

        let slot = own()?;
        let driver = driver::Registration::new(
            c"own_end_once",
            kernel::module::this_module::<LocalModule>(),
        );
        *slot.lock() = Some(KBox::pin_init(driver, GFP_KERNEL)?);
        let once = auxiliary::Registration::<HeldOf>::new_in::<Error>(
            scope,
            c"once",
            0,
            c"own_end",
            pin_init::pin_init_scope(move || Ok(Held(slot))),
        )?;
        once.detach();

        let slot = own()?;
        let works = Works(slot.clone(), Told("an item"));
        slot.lock()
            .insert(Item::new(scope, workqueue::system(), works)?)
            .queue();

        let slot = Arc::pin_init(new_spinlock_irq!(None), GFP_KERNEL)?;
        let fires = Fires(slot.clone(), Told("a timer"));
        let timer = Timer::new(scope, fires)?;
        slot.lock().insert(timer).start(Delta::from_millis(10));
        Ok(())
    }
}

impl Edu {
    fn interrupt<'bound, 'x>(data: &'x Data<'bound>, scope: &'x Scope<'x>) -> Result {
        let slot = own()?;
        let handles = Handles {
            data,
            own: slot.clone(),
            _told: Told("an interrupt"),
        };
        let request = data.vectors.index(0)?.into();
        let handles = ThreadedRegistration::new_in(scope, request, Flags::SHARED, c"own", handles)?;
        *slot.lock() = Some(handles);
        data.bar.write(RAISE, RAISE::from(1));
        Ok(())
    }
}

impl pci::Driver for Edu {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            pdev.enable_device_mem()?;
            let driver = driver::Registration::<pci::Adapter<Edu>>::new(
                c"own_end_again",
                kernel::module::this_module::<LocalModule>(),
            );
            say(
                "a driver in its own probe",
                KBox::pin_init(driver, GFP_KERNEL),
            );
            Ok(Data {
                bar: pdev.iomap_region_sized(0, c"own_end")?,
                vectors: pdev.alloc_irq_vectors(1, 1, IrqTypes::default().with(IrqType::Intx))?,
            })
        })
    }

    fn attach<'bound, 'x>(
        _pdev: &'bound pci::Device<Core<'_>>,
        data: Pin<&'x Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        Self::nodes(scope)?;
        Self::others(scope)?;
        Self::interrupt(data.get_ref(), scope)
    }
}

/// The driver of the child has a node.
struct Child;

kernel::auxiliary_device_table!(
    CHILDREN,
    (),
    [(auxiliary::DeviceId::new(c"own_end", c"child"), ())]
);

impl auxiliary::Driver for Child {
    type IdInfo = ();
    type Data<'bound> = Told;
    const ID_TABLE: auxiliary::IdTable<()> = &CHILDREN;

    fn probe<'bound>(
        device: &'bound auxiliary::Device<Core<'_>>,
        _info: &'bound (),
    ) -> impl PinInit<Told, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            let device: &kernel::device::Device<Bound> = device.as_ref();
            Node::new_static(device, NodeOptions::new(fmt!("own-child"))?, Idle)?.detach();
            Ok(Told("the child's data"))
        })
    }
}

#[pin_data]
struct Module {
    #[pin]
    _children: driver::Registration<auxiliary::Adapter<Child>>,
    #[pin]
    _devices: driver::Registration<pci::Adapter<Edu>>,
}

impl InPlaceModule for Module {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            _children <- driver::Registration::new(c"own_end", module),
            _devices <- driver::Registration::new(c"own_end", module),
        })
    }
}

kernel::prelude::module! {
    type: Module,
    name: "own_end",
    authors: ["The Lifebound developers"],
    description: "Callbacks that end their own registrations",
    license: "GPL",
}
