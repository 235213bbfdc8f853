// SPDX-License-Identifier: GPL-2.0

//! Files in debugfs, of the module and of the driver's data. They are removed while files are open.
//! See `boot` in this directory.

#![forbid(unsafe_code)]

use kernel::{
    debugfs::{self, Dir, File, Tree},
    device::{Bound, Core},
    dma::Coherent,
    io::Io,
    pci,
    prelude::*,
    scope::Scope,
    sync::{
        Mutex,
        atomic::{Atomic, Relaxed},
    },
    time::{Delta, delay::fsleep},
    uaccess::UserSliceReader,
};

#[pin_data(PinnedDrop)]
struct Data<'bound> {
    pdev: &'bound pci::Device<Bound>,
    bar: pci::Bar<'bound, 0x100>,
    reads: Atomic<u32>,
    inside: Atomic<u32>,
    #[pin]
    level: Mutex<u8>,
    text: Atomic<u64>,
    memory: Coherent<[u8]>,
}

#[pinned_drop]
impl PinnedDrop for Data<'_> {
    fn drop(self: Pin<&mut Self>) {
        let inside = self.inside.load(Relaxed);
        if inside != 0 || self.bar.read32(0) != 0x0100_00ed {
            dev_err!(self.pdev, "TOO EARLY: {inside} files are being read\n");
        }
        dev_info!(self.pdev, "data dropped\n");
    }
}

/// Shows a register, slowly.
fn identity(data: &Data<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    data.inside.add(1, Relaxed);
    data.reads.add(1, Relaxed);
    fsleep(Delta::from_millis(20));
    let result = writeln!(f, "{:#x}", data.bar.read32(0));
    data.inside.fetch_sub(1, Relaxed);
    result
}

/// Shows more than a page.
fn long(_data: &Data<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for line in 0..2000 {
        writeln!(f, "line {line}")?;
    }
    Ok(())
}

fn store(data: &Atomic<u64>, reader: &mut UserSliceReader) -> Result {
    let mut text = [0; 8];
    if reader.len() > text.len() {
        return Err(E2BIG);
    }
    reader.read_slice_partial(&mut text, 0)?;
    data.store(u64::from_be_bytes(text), Relaxed);
    Ok(())
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
            let bar = pdev.iomap_region_sized(0, c"debugfs_files")?;
            let memory = Coherent::from_slice(pdev.as_ref(), b"memory for dma\n", GFP_KERNEL)?;
            Ok(try_pin_init!(Data {
                pdev,
                bar,
                reads: Atomic::new(0),
                inside: Atomic::new(0),
                level <- kernel::new_mutex!(3),
                text: Atomic::new(0),
                memory,
            }))
        })
    }

    fn attach<'bound, 'x>(
        _pdev: &'bound pci::Device<Core<'_>>,
        data: Pin<&'x Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        let name = c"edu_files";
        let tree = Tree::new(scope, None, name, data.get_ref(), |data, dir| {
            dir.read_callback_file(c"identity", *data, &identity);
            dir.read_callback_file(c"long", *data, &long);
            let below = dir.dir(c"below");
            below.read_only_file(c"reads", &data.reads);
            below.read_write_file(c"level", &data.level);
            below.write_only_callback_file(c"text", &data.text, &store);
            below.read_binary_file(c"memory", &data.memory);
            // The name is taken, so there is no file, and no error.
            below.read_only_file(c"level", &data.reads);
        })?;
        core::mem::forget(tree);
        Ok(())
    }
}

#[pin_data]
struct Module {
    dir: Dir,
    #[pin]
    _number: File<Atomic<u32>>,
    #[pin]
    _bytes: File<Mutex<[u8; 16]>>,
    #[pin]
    _scope: debugfs::Scope<(Atomic<u32>, Atomic<u32>)>,
    #[pin]
    _driver: kernel::driver::Registration<pci::Adapter<Edu>>,
}

impl kernel::InPlaceModule for Module {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            dir: Dir::new(c"own_files"),
            _number <- dir.read_write_file(c"number", Atomic::new(7)),
            _bytes <- dir.read_write_binary_file(
                c"bytes",
                kernel::new_mutex!(*b"0123456789abcdef"),
            ),
            _scope <- dir.scope((Atomic::new(1), Atomic::new(2)), c"pair", |data, dir| {
                dir.read_only_file(c"first", &data.0);
                dir.read_write_file(c"second", &data.1);
            }),
            _driver <- kernel::driver::Registration::new(
                <LocalModule as kernel::ModuleMetadata>::NAME,
                module,
            ),
            _: {
                // Nobody will drop this file.
                let sub = dir.subdir(c"sub");
                let file = sub.read_only_file(c"forgotten", Atomic::new(5_u32));
                let file = KBox::pin_init(file, GFP_KERNEL)?;
                pr_info!("forgotten: {:?}\n", **file);
                core::mem::forget(file);
            },
        })
    }
}

module! {
    type: Module,
    name: "debugfs_files",
    authors: ["The Lifebound developers"],
    description: "Files in debugfs whose data go while they are open",
    license: "GPL",
}
