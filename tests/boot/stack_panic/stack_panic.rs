// SPDX-License-Identifier: GPL-2.0

//! Registers a value in memory of a stack, and panics. See `boot` in this directory.

#![forbid(unsafe_code)]

use kernel::{
    InPlaceModule, ModuleMetadata,
    debugfs::{self, Dir},
    device::Core,
    driver,
    fs::{File, Kiocb},
    iov::IovIterSource,
    miscdevice::{MiscDevice, MiscDeviceOptions, MiscDeviceRegistration},
    pci,
    pin_init::stack_try_pin_init,
    prelude::*,
    sync::atomic::{Atomic, Relaxed},
};

static MODULE: ThisModule = <LocalModule as ModuleMetadata>::THIS_MODULE;

/// Reports when it is bound to edu devices, and when they go.
struct Left;

struct Data<'bound>(&'bound pci::Device<kernel::device::Bound>);

impl Drop for Data<'_> {
    fn drop(&mut self) {
        dev_info!(self.0, "left alone\n");
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

impl pci::Driver for Left {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        dev_info!(pdev, "bound by what was left\n");
        Ok(Data(pdev))
    }
}

/// Ends the thread.
fn out_of_range(text: &[u8]) -> u8 {
    text[text.len()]
}

fn driver(text: &[u8]) -> Result<u8> {
    stack_try_pin_init!(let registration =? driver::Registration::<pci::Adapter<Left>>::new(c"stack_panic_left", &MODULE));
    let _ = registration;
    Ok(out_of_range(text))
}

fn file(text: &[u8]) -> Result<u8> {
    let dir = Dir::new(c"stack_panic_file");
    stack_try_pin_init!(let file =? dir.read_only_file::<u64, _>(c"number", 0x1234_5678_9abc));
    let _ = file;
    Ok(out_of_range(text))
}

fn scope(text: &[u8]) -> Result<u8> {
    stack_try_pin_init!(let scope =? debugfs::Scope::dir([5_u32, 6], c"stack_panic_scope", |numbers, dir| {
        dir.read_only_file(c"first", &numbers[0]);
    }));
    let _ = scope;
    Ok(out_of_range(text))
}

fn node(text: &[u8]) -> Result<u8> {
    let options = MiscDeviceOptions {
        name: c"stack_panic_left",
    };
    stack_try_pin_init!(let node =? MiscDeviceRegistration::<LeftFile>::register(options));
    let _ = node;
    Ok(out_of_range(text))
}

/// All registrations, as parts of one value.
#[pin_data]
struct Whole {
    #[pin]
    registration: driver::Registration<pci::Adapter<Left>>,
    #[pin]
    node: MiscDeviceRegistration<LeftFile>,
    #[pin]
    file: debugfs::File<u32>,
}

fn whole(text: &[u8]) -> Result<u8> {
    let dir = Dir::new(c"stack_panic_whole");
    stack_try_pin_init!(let whole =? try_pin_init!(Whole {
        registration <- driver::Registration::new(c"stack_panic_whole", &MODULE),
        node <- MiscDeviceRegistration::register(MiscDeviceOptions { name: c"stack_panic_whole" }),
        file <- dir.read_only_file(c"number", 7),
    }));
    let _ = whole;
    Ok(out_of_range(text))
}

/// The report of the file of a node that was left.
struct LeftFile;

#[vtable]
impl MiscDevice for LeftFile {
    type Ptr = KBox<u32>;

    fn open(_file: &File, misc: &MiscDeviceRegistration<Self>) -> Result<KBox<u32>> {
        dev_info!(misc.device(), "opened\n");
        Ok(KBox::new(7, GFP_KERNEL)?)
    }
}

/// Whether to panic when the node is opened, with a lock of C's held.
static AT_OPEN: Atomic<bool> = Atomic::new(false);

/// Executes the commands that are written to it.
struct Command;

#[vtable]
impl MiscDevice for Command {
    type Ptr = ();

    fn open(_file: &File, _misc: &MiscDeviceRegistration<Self>) -> Result {
        if AT_OPEN.load(Relaxed) {
            out_of_range(b"open");
        }
        Ok(())
    }

    fn write_iter(_kiocb: Kiocb<'_, ()>, iov: &mut IovIterSource<'_>) -> Result<usize> {
        let mut buffer = [0; 16];
        let length = iov.copy_from_iter(&mut buffer);
        let text = buffer.get(..length).unwrap_or_default();
        let result = match text {
            b"driver\n" => driver(text),
            b"file\n" => file(text),
            b"scope\n" => scope(text),
            b"node\n" => node(text),
            b"whole\n" => whole(text),
            b"open\n" => {
                AT_OPEN.store(true, Relaxed);
                return Ok(length);
            }
            _ => Err(EINVAL),
        };
        pr_err!("still there: {result:?}\n");
        result.map(|_| length)
    }
}

#[pin_data]
struct Panics {
    #[pin]
    node: MiscDeviceRegistration<Command>,
}

impl InPlaceModule for Panics {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            node <- MiscDeviceRegistration::register(MiscDeviceOptions { name: c"stack_panic" }),
        })
    }
}

module! {
    type: Panics,
    name: "stack_panic",
    authors: ["The Lifebound developers"],
    description: "Panics with what is registered on its stack",
    license: "GPL",
}
