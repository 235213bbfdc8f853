// SPDX-License-Identifier: GPL-2.0

//! Directories in configfs: shown and stored, groups in two levels, and a subsystem that ends while
//! there are groups, in its own callback, and never. See `boot` in this directory.

#![forbid(unsafe_code)]

use core::mem;

use kernel::{
    configfs, new_mutex,
    page::PAGE_SIZE,
    prelude::*,
    str::CString,
    sync::{ArcBorrow, Mutex, global_lock},
};

/// Copies a text to the page.
fn text(page: &mut [u8; PAGE_SIZE], text: &[u8]) -> Result<usize> {
    page.get_mut(..text.len())
        .ok_or(EINVAL)?
        .copy_from_slice(text);
    Ok(text.len())
}

#[pin_data]
struct Top {
    message: &'static [u8],
    #[pin]
    stored: Mutex<(KVec<u8>, usize)>,
}

impl Top {
    fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            message: b"hello\n",
            stored <- new_mutex!((KVec::new(), 0)),
        })
    }
}

#[vtable]
impl configfs::AttributeOperations<0> for Top {
    type Data = Top;

    fn show(data: &Top, page: &mut [u8; PAGE_SIZE]) -> Result<usize> {
        text(page, data.message)
    }
}

#[vtable]
impl configfs::AttributeOperations<1> for Top {
    type Data = Top;

    fn show(data: &Top, page: &mut [u8; PAGE_SIZE]) -> Result<usize> {
        text(page, &data.stored.lock().0)
    }

    fn store(data: &Top, page: &[u8]) -> Result {
        if page == b"refuse\n" {
            return Err(EPERM);
        }
        let mut copy = KVec::new();
        copy.extend_from_slice(page, GFP_KERNEL)?;
        *data.stored.lock() = (copy, page.len());
        Ok(())
    }
}

/// Claims to have written more than there is.
#[vtable]
impl configfs::AttributeOperations<2> for Top {
    type Data = Top;

    fn show(_data: &Top, _page: &mut [u8; PAGE_SIZE]) -> Result<usize> {
        Ok(PAGE_SIZE + 1)
    }
}

/// Ends the subsystem from within.
#[vtable]
impl configfs::AttributeOperations<3> for Top {
    type Data = Top;

    fn show(_data: &Top, page: &mut [u8; PAGE_SIZE]) -> Result<usize> {
        let subsystem = SUBSYSTEM.lock().take();
        pr_info!("ended from within: {}\n", subsystem.is_some());
        text(page, b"ending\n")
    }
}

#[vtable]
impl configfs::GroupOperations for Top {
    type Child = Middle;

    fn make_group(&self, name: &CStr) -> Result<impl PinInit<configfs::Group<Middle>, Error>> {
        if name == c"refused" {
            return Err(EPERM);
        }
        let item_type = configfs::configfs_attrs! {
            container: configfs::Group<Middle>,
            data: Middle,
            child: Leaf,
            attributes: [number: 0],
        };
        Ok(configfs::Group::new(
            name.try_into()?,
            item_type,
            Middle::new(name),
        ))
    }

    fn drop_item(&self, child: ArcBorrow<'_, configfs::Group<Middle>>) {
        pr_info!("drop_item {}\n", child.data().name);
    }
}

/// The data of a group.
struct Middle {
    name: CString,
}

impl Middle {
    fn new(name: &CStr) -> impl PinInit<Self, Error> + '_ {
        try_init!(Self {
            name: name.try_into()?
        })
    }
}

impl Drop for Middle {
    fn drop(&mut self) {
        pr_info!("{} is dropped\n", self.name);
    }
}

#[vtable]
impl configfs::AttributeOperations<0> for Middle {
    type Data = Middle;

    fn show(data: &Middle, page: &mut [u8; PAGE_SIZE]) -> Result<usize> {
        text(page, data.name.to_bytes())
    }
}

#[vtable]
impl configfs::GroupOperations for Middle {
    type Child = Leaf;

    fn make_group(&self, name: &CStr) -> Result<impl PinInit<configfs::Group<Leaf>, Error>> {
        let item_type = configfs::configfs_attrs! {
            container: configfs::Group<Leaf>,
            data: Leaf,
            attributes: [
                shown: 0,
            ],
        };
        Ok(configfs::Group::new(
            name.try_into()?,
            item_type,
            Leaf::new(),
        ))
    }
}

struct Leaf(u8);

impl Leaf {
    fn new() -> impl PinInit<Self, Error> {
        Ok::<_, Error>(Self(7))
    }
}

impl Drop for Leaf {
    fn drop(&mut self) {
        pr_info!("leaf {} is dropped\n", self.0);
    }
}

#[vtable]
impl configfs::AttributeOperations<0> for Leaf {
    type Data = Leaf;

    fn show(data: &Leaf, page: &mut [u8; PAGE_SIZE]) -> Result<usize> {
        text(page, &[b'0' + data.0, b'\n'])
    }
}

type Shared = Pin<KBox<configfs::Subsystem<Top>>>;

global_lock! {
    /// The subsystem that its own callback ends.
    static SUBSYSTEM: Mutex<Option<Shared>> = None;
}

struct ConfigfsDirs;

impl kernel::Module for ConfigfsDirs {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let item_type = configfs::configfs_attrs! {
            container: configfs::Subsystem<Top>,
            data: Top,
            child: Middle,
            attributes: [
                message: 0,
                stored: 1,
                too_long: 2,
                end: 3,
            ],
        };
        for name in [c"", c"a/b"] {
            let refused = configfs::Subsystem::new(name, item_type, Top::new());
            pr_info!("{:?}\n", KBox::pin_init(refused, GFP_KERNEL).map(drop));
        }
        let init = configfs::Subsystem::new(c"lifebound_configfs_dirs", item_type, Top::new());
        let subsystem = KBox::pin_init(init, GFP_KERNEL)?;
        pr_info!("{} bytes of text\n", subsystem.data().message.len());
        if module_parameters::forget.read() {
            mem::forget(subsystem);
        } else {
            *SUBSYSTEM.lock() = Some(subsystem);
        }
        Ok(Self)
    }
}

impl Drop for ConfigfsDirs {
    fn drop(&mut self) {
        pr_info!("the module ends\n");
    }
}

module! {
    type: ConfigfsDirs,
    name: "configfs_dirs",
    authors: ["The Lifebound developers"],
    description: "Directories in configfs",
    license: "GPL",
    params: {
        forget: bool { default: false, description: "Forget the subsystem" },
    },
}
