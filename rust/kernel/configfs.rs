// SPDX-License-Identifier: GPL-2.0

//! configfs: directories that user space makes, and whose files configure something.
//!
//! C header: [`include/linux/configfs.h`](srctree/include/linux/configfs.h)
//!
//! A [`Subsystem`] is a directory in the root of configfs. Its files are the attributes that
//! [`configfs_attrs!`](crate::configfs_attrs) lists, and that the data implements by
//! [`AttributeOperations`]. If the data implements [`GroupOperations`], user space makes a
//! [`Group`] with `mkdir`, and ends it with `rmdir`.
//!
//! ```
//! use kernel::{configfs, new_mutex, page::PAGE_SIZE, prelude::*, sync::Mutex};
//!
//! #[pin_data]
//! struct Settings {
//!     #[pin]
//!     level: Mutex<u8>,
//! }
//!
//! #[vtable]
//! impl configfs::AttributeOperations<0> for Settings {
//!     type Data = Settings;
//!
//!     fn show(data: &Settings, page: &mut [u8; PAGE_SIZE]) -> Result<usize> {
//!         page[..2].copy_from_slice(&[b'0' + *data.level.lock(), b'\n']);
//!         Ok(2)
//!     }
//!
//!     fn store(data: &Settings, page: &[u8]) -> Result {
//!         let [digit @ b'0'..=b'9', b'\n'] = page else { return Err(EINVAL) };
//!         *data.level.lock() = digit - b'0';
//!         Ok(())
//!     }
//! }
//!
//! fn directory() -> impl PinInit<configfs::Subsystem<Settings>, Error> {
//!     let item_type = configfs::configfs_attrs! {
//!         container: configfs::Subsystem<Settings>,
//!         data: Settings,
//!         attributes: [level: 0],
//!     };
//!     let data = try_pin_init!(Settings { level <- new_mutex!(5) });
//!     configfs::Subsystem::new(c"acme", item_type, data)
//! }
//! ```
//!
//! # What ends when
//!
//! C holds the module for as long as there is a group, so a module with groups is not unloaded. A
//! subsystem that is dropped earlier, for example because its driver is unbound, allows no new
//! groups, and waits until user space has removed those that there are. The first message about
//! that names the directory.
//!
//! If a subsystem is dropped in one of the callbacks of this module, a work item does all that
//! afterwards.

mod attribute;
mod body;
mod group;
mod item_type;
mod root;

pub use crate::configfs_attrs;
pub use attribute::{Attribute, AttributeList, AttributeOperations, Listed};
pub use group::{Group, GroupOperations, HasGroup, Subsystem};
pub use item_type::ItemType;

/// Describes the directories of a [`Subsystem`] or a [`Group`], and gives a `&'static`
/// [`ItemType`].
///
/// The fields stand in this order:
///
/// - `container`: `configfs::Subsystem<Data>` or `configfs::Group<Data>`.
/// - `data`: the type `Data`.
/// - `child`: the data of the groups that user space makes here, as in [`GroupOperations::Child`].
///   Without it user space makes none.
/// - `attributes`: a list of `name: ID`. A file of this name is shown and stored by the
///   [`AttributeOperations<ID>`](AttributeOperations) of `Data`.
///
/// The types must not mention generic parameters or `Self`.
#[macro_export]
macro_rules! configfs_attrs {
    (
        container: $container:ty,
        data: $data:ty,
        $(child: $child:ty,)?
        attributes: [$($name:ident: $id:literal),* $(,)?] $(,)?
    ) => {{
        static ATTRIBUTES: $crate::configfs::AttributeList<
            { 0 $(+ { let _ = $crate::__core::stringify!($name); 1 })* },
            $data,
        > = $crate::configfs::AttributeList::new([$({
            static ATTRIBUTE: $crate::configfs::Attribute<$id, $data, $data> =
                $crate::configfs::Attribute::__named($crate::__core::concat!(
                    $crate::__core::stringify!($name),
                    "\0"
                ));
            ATTRIBUTE.listed()
        }),*]);
        static ITEM_TYPE: $crate::configfs::ItemType<$container, $data> =
            $crate::configfs_attrs!(@type [$($child)?] $container, $data);
        &ITEM_TYPE
    }};
    (@type [] $container:ty, $data:ty) => {
        $crate::configfs::ItemType::<$container, $data>::new(&ATTRIBUTES)
    };
    (@type [$child:ty] $container:ty, $data:ty) => {
        $crate::configfs::ItemType::<$container, $data>::new_with_child::<$child, _>(&ATTRIBUTES)
    };
}
