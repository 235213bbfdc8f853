// SPDX-License-Identifier: GPL-2.0

//! Safe code may ask for operations that C would warn about (here a panic, by `panic_on_warn`).
//! Each is an error. No format shows an address. See `boot` in this directory.

#![forbid(unsafe_code)]

use core::{
    ptr::NonNull,
    sync::atomic::{AtomicPtr, AtomicU32, Ordering},
    task::Waker,
};

use kernel::{
    InPlaceModule, auxiliary,
    debugfs::Tree,
    device::Core,
    dma::Coherent,
    driver,
    fs::File,
    irq::{Flags, Handler, IrqReturn, Registration},
    miscdevice::{Files, MiscDevice, MiscDeviceOptions, MiscDeviceRegistration, Node, NodeOptions},
    pci::{self, IrqType, IrqTypes},
    prelude::*,
    scope::Scope,
    str::CString,
    sysfs::{Attribute, Attributes, Group},
    time::{Delta, delay::udelay},
    types::CovariantForLt,
};

/// Names that no file can have.
const WRONG: [&CStr; 7] = [c"", c".", c"..", c"a/b", c"/", c"a!b", c"a\nb"];

/// Counts the requests that are refused, and reports those that are not.
struct Refused(AtomicU32);

impl Refused {
    fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    fn count<T>(&self, what: &dyn fmt::Debug, result: Result<T>, error: Error) {
        match result {
            Err(found) if found == error => {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
            Err(found) => pr_err!("{:?}: WRONG: {found:?}\n", what),
            Ok(_) => pr_err!("{:?}: ACCEPTED\n", what),
        }
    }

    fn say(&self, what: &str) {
        pr_info!("{what}: {} refused\n", self.0.load(Ordering::Relaxed));
    }
}

struct Idle;

impl Handler for Idle {
    fn handle(&self) -> IrqReturn {
        IrqReturn::None
    }
}

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
}

struct Named<const N: usize>;

impl<const N: usize> Attributes for Named<N> {
    const LIST: &'static [Attribute] = &[Attribute::read_only(match N {
        7 => c"right",
        _ => WRONG[N],
    })];
}

type PlainOf = CovariantForLt!(u8);

/// A type whose derived `Debug` shows its pointers.
#[derive(Debug)]
#[expect(dead_code, reason = "it is only shown")]
struct Holds<'a> {
    raw: *const u32,
    function: fn(&str),
    option: Option<NonNull<u32>>,
    wide: *const [u32],
    atomic: AtomicPtr<u32>,
    reference: &'a *mut u32,
}

/// A type that `core`'s own macro shows.
struct ByCore(*const u32);

impl fmt::Display for ByCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:p} {:?}", self.0, self.0)
    }
}

fn function(_: &str) {}

fn pointers() -> Result {
    let value = KBox::new(7_u32, GFP_KERNEL)?;
    let raw = &raw const *value;
    let mut copy = raw.cast_mut();
    let wide = core::ptr::slice_from_raw_parts(raw, 3);
    let holds = Holds {
        raw,
        function,
        option: NonNull::new(copy),
        wide,
        atomic: AtomicPtr::new(copy),
        reference: &copy,
    };
    let hash = CString::try_from_fmt(fmt!("{:p}", raw))?;
    let hash = hash.to_bytes();
    let mut hashed = 0;
    let mut look = |text: CString, has: bool| {
        // The addresses of the kernel's memory and of modules begin in this way.
        let bytes = text.to_bytes();
        let shows = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        let addresses = [b"0xffff".as_slice(), b"ffff8", b"ffff9", b"ffffc0"];
        if addresses.into_iter().any(shows) || has != shows(hash) {
            pr_err!("NOT HASHED: {}\n", &*text);
        } else {
            hashed += 1;
        }
    };
    look(CString::try_from_fmt(fmt!("{:?}", raw))?, true);
    look(CString::try_from_fmt(fmt!("{raw:#?}"))?, true);
    look(CString::try_from_fmt(fmt!("{:?}", &copy))?, true);
    look(CString::try_from_fmt(fmt!("{:?}", Some(raw)))?, true);
    look(CString::try_from_fmt(fmt!("{:?}", holds))?, true);
    look(CString::try_from_fmt(fmt!("{:#?}", holds))?, true);
    look(CString::try_from_fmt(fmt!("{}", ByCore(raw)))?, true);
    look(CString::try_from_fmt(fmt!("{:?}", wide))?, true);
    look(
        CString::try_from_fmt(fmt!("{:?}", function as fn(&str)))?,
        false,
    );
    look(CString::try_from_fmt(fmt!("{:?}", Waker::noop()))?, false);
    copy = core::ptr::null_mut();
    look(CString::try_from_fmt(fmt!("{:?}", copy))?, false);
    pr_info!("pointers: {hashed} hashed\n");
    Ok(())
}

fn memory(pdev: &pci::Device<Core<'_>>) {
    let refused = Refused::new();
    for bytes in [5 << 20, 1 << 40, isize::MAX.cast_unsigned()] {
        let vec =
            KVec::<u8>::with_capacity(bytes, GFP_KERNEL | kernel::alloc::flags::__GFP_HIGHMEM);
        refused.count(&bytes, vec.map_err(Error::from), ENOMEM);
    }
    let mut grows = KVec::<u64>::new();
    let more = grows.reserve(1 << 36, GFP_KERNEL);
    refused.count(&"grows", more.map_err(Error::from), ENOMEM);
    let vec = KVVec::<u8>::with_capacity(3 << 30, GFP_KERNEL);
    refused.count(&"either", vec.map_err(Error::from), ENOMEM);
    for count in [1 << 30, 1 << 40] {
        let coherent = Coherent::<u8>::zeroed_slice(pdev.as_ref(), count, GFP_KERNEL);
        refused.count(&count, coherent, ENOMEM);
    }
    refused.say("memory");
}

struct Data<'bound> {
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
    fn interrupts<'x>(data: &'x Data<'_>, scope: &'x Scope<'x>) -> Result {
        let refused = Refused::new();
        for name in Iterator::chain(WRONG.into_iter(), [c"spurious"]) {
            let request = data.vectors.index(0)?.into();
            let handler = Registration::new_in(scope, request, Flags::SHARED, name, Idle);
            refused.count(&name, handler, EINVAL);
        }
        refused.say("names of interrupts");
        Ok(())
    }

    fn nodes<'x>(scope: &'x Scope<'x>) {
        let refused = Refused::new();
        for name in WRONG {
            let node = NodeOptions::new(fmt!("{}", name.to_str().unwrap_or_default()));
            let node = node.and_then(|options| Node::new(scope, options, Idle));
            refused.count(&name, node, EINVAL);
        }
        let misc = MiscDeviceRegistration::<Idle>::register(MiscDeviceOptions { name: c"a/b" });
        refused.count(&"of the module", KBox::pin_init(misc, GFP_KERNEL), EINVAL);
        refused.say("names of nodes");
    }

    fn attributes<'x>(scope: &'x Scope<'x>) {
        let refused = Refused::new();
        refused.count(&0, Group::new(scope, None, Named::<0>), EINVAL);
        refused.count(&1, Group::new(scope, None, Named::<1>), EINVAL);
        refused.count(&2, Group::new(scope, None, Named::<2>), EINVAL);
        refused.count(&3, Group::new(scope, None, Named::<3>), EINVAL);
        refused.count(&4, Group::new(scope, None, Named::<4>), EINVAL);
        refused.count(&5, Group::new(scope, Some(c""), Named::<7>), EINVAL);
        refused.count(&6, Group::new(scope, Some(c"a/b"), Named::<7>), EINVAL);
        refused.say("names of attributes");
    }

    fn children<'x>(scope: &'x Scope<'x>) {
        let refused = Refused::new();
        let child =
            |name, module| auxiliary::Registration::<PlainOf>::new_in(scope, name, 0, module, 7);
        for name in WRONG {
            refused.count(&name, child(name, c"safe_requests"), EINVAL);
        }
        let long = c"a-name-that-c-would-cut-off-at-one-of-its-ends";
        refused.count(&long, child(long, c"safe_requests"), EINVAL);
        refused.count(&"of a module", child(c"child", c"a/b"), EINVAL);
        refused.say("names of auxiliary devices");
    }

    fn debugfs<'x>(scope: &'x Scope<'x>) -> Result {
        Tree::new(scope, None, c"safe_requests", 7_u32, |number, dir| {
            for name in WRONG {
                dir.read_only_file(name, number);
                dir.dir(name).read_only_file(c"below", number);
            }
            dir.read_only_file(c"right", number);
        })?
        .detach();
        Tree::new(scope, None, c"a/b", 7_u32, |_, _| ())?.detach();
        drop(kernel::debugfs::Dir::new(c""));
        drop(kernel::debugfs::Dir::shared(c"a/b"));
        pr_info!("names in debugfs: told\n");
        Ok(())
    }
}

fn drivers() {
    let refused = Refused::new();
    for name in WRONG {
        let this = kernel::module::this_module::<LocalModule>();
        let driver = driver::Registration::<auxiliary::Adapter<Child>>::new(name, this);
        refused.count(&name, KBox::pin_init(driver, GFP_KERNEL), EINVAL);
    }
    refused.say("names of drivers");
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
            Ok(Data {
                vectors: pdev.alloc_irq_vectors(1, 1, IrqTypes::default().with(IrqType::Intx))?,
            })
        })
    }

    fn attach<'bound, 'x>(
        pdev: &'bound pci::Device<Core<'_>>,
        data: Pin<&'x Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        Self::interrupts(data.get_ref(), scope)?;
        Self::nodes(scope);
        Self::attributes(scope);
        drivers();
        Self::children(scope);
        Self::debugfs(scope)?;
        memory(pdev);
        udelay(Delta::from_millis(30));
        pr_info!("a long spin is over\n");
        pointers()
    }
}

/// A driver for names.
struct Child;

kernel::auxiliary_device_table!(
    CHILDREN,
    (),
    [(auxiliary::DeviceId::new(c"safe_requests", c"child"), ())]
);

impl auxiliary::Driver for Child {
    type IdInfo = ();
    type Data<'bound> = ();
    const ID_TABLE: auxiliary::IdTable<()> = &CHILDREN;

    fn probe<'bound>(
        _device: &'bound auxiliary::Device<Core<'_>>,
        _info: &'bound (),
    ) -> impl PinInit<(), Error> + 'bound {
        pin_init::pin_init_scope(|| Ok(()))
    }
}

#[pin_data]
struct Module {
    #[pin]
    _devices: driver::Registration<pci::Adapter<Edu>>,
}

impl InPlaceModule for Module {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            _devices <- driver::Registration::new(c"safe_requests", module),
        })
    }
}

module! {
    type: Module,
    name: "safe_requests",
    authors: ["The Lifebound developers"],
    description: "What C would warn about",
    license: "GPL",
}
