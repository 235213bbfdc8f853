// SPDX-License-Identifier: GPL-2.0

//! The type of a directory: its attributes, and what happens to its groups.

use core::marker::PhantomData;

use super::attribute::AttributeList;
use crate::{bindings, types::Opaque};

/// The type of the directories of a `Container`, which is a [`Subsystem<Data>`](super::Subsystem)
/// or a [`Group<Data>`](super::Group). [`configfs_attrs!`](crate::configfs_attrs) makes one.
///
/// # Invariants
///
/// CFG-TYPE: the attributes are those of directories with a `Data`, and the operations those of a
/// `Container` with one.
#[doc(alias = "config_item_type")]
pub struct ItemType<Container, Data> {
    raw: Opaque<bindings::config_item_type>,
    _types: PhantomData<fn(Container, Data)>,
}

// SAFETY: `Send` requires that any thread may own the value: it points to statics.
unsafe impl<Container, Data> Send for ItemType<Container, Data> {}

// SAFETY: `Sync` requires that threads may share the value: C only reads it.
unsafe impl<Container, Data> Sync for ItemType<Container, Data> {}

impl<Container, Data: 'static> ItemType<Container, Data> {
    /// The type with these attributes and operations.
    ///
    /// # Safety
    ///
    /// The operations must be those of a `Container` with a `Data`.
    pub(super) const unsafe fn of<const N: usize>(
        attributes: &'static AttributeList<N, Data>,
        items: *const bindings::configfs_item_operations,
        groups: *const bindings::configfs_group_operations,
    ) -> Self {
        // INVARIANT: CFG-TYPE: the attributes are those of this `Data`, and the caller vouches for
        // the operations.
        Self {
            raw: Opaque::new(bindings::config_item_type {
                // Each module has its own symbol of this name.
                ct_owner: core::ptr::addr_of!(bindings::__this_module).cast_mut(),
                ct_item_ops: items.cast_mut(),
                ct_group_ops: groups.cast_mut(),
                ct_attrs: attributes.as_raw(),
                ct_bin_attrs: core::ptr::null_mut(),
            }),
            _types: PhantomData,
        }
    }

    pub(super) fn as_raw(&'static self) -> *const bindings::config_item_type {
        self.raw.get()
    }
}
