// SPDX-License-Identifier: GPL-2.0

//! Files in debugfs, in which a driver shows its state to a person that looks for a fault.
//!
//! C header: [`include/linux/debugfs.h`](srctree/include/linux/debugfs.h)
//!
//! | type | meaning |
//! |---|---|
//! | [`Dir`] | a directory, which exists for as long as a share of it, or of a file in it |
//! | [`File`] | a file with a value that it shows ([`Writer`]) or takes ([`Reader`]), or for which closures do so |
//! | [`Scope`] | a value with a directory of files that show parts of it |
//! | [`Tree`] | the same in the scope of a binding, for a value that borrows: the driver's own data |
//!
//! No function fails because debugfs does: there is no file, and the driver works all the same.
//! That happens if debugfs is not there, a name is taken, or a name is not valid. A name is not
//! valid if it is empty or has a `/`, for example; the log says which name.
//!
//! The removal of a file waits for calls that read or write it. They may take as long as the
//! calling program lives (see [`uaccess`](crate::uaccess)). Afterwards, calls on open files fail
//! with `EIO`. An open file keeps the module loaded.
//!
//! Context of all methods, unless a method says otherwise: process context; may sleep.

use core::ops::Deref;

use crate::{prelude::*, uaccess::UserSliceReader};

mod dir;
mod operations;
mod traits;
mod tree;
mod value;

pub use self::{
    dir::Dir,
    traits::{BinaryReader, BinaryReaderMut, BinaryWriter, Reader, Writer},
    tree::{Scope, ScopedDir, Tree},
};

use operations::{Both, Content, Show, ShowBytes, ShowCall, Store, StoreBytes, StoreCall, create};
use value::Value;

impl Dir {
    /// A file that shows `data`.
    #[doc(alias(
        "debugfs_create_file",
        "debugfs_create_u32",
        "debugfs_create_u64",
        "debugfs_create_x32",
        "debugfs_create_bool"
    ))]
    pub fn read_only_file<'a, T, E: 'a>(
        &'a self,
        name: &'a CStr,
        data: impl PinInit<T, E> + 'a,
    ) -> impl PinInit<File<T>, E> + 'a
    where
        T: Writer + Send + Sync + 'static,
    {
        self.file::<T, Show, E>(name, data)
    }

    /// A file that shows what `f` writes about `data`. `f` is a function, or a closure that
    /// captures nothing.
    #[doc(alias = "DEFINE_SHOW_ATTRIBUTE")]
    pub fn read_callback_file<'a, T, E: 'a, F>(
        &'a self,
        name: &'a CStr,
        data: impl PinInit<T, E> + 'a,
        _f: &'static F,
    ) -> impl PinInit<File<T>, E> + 'a
    where
        T: Send + Sync + 'static,
        F: Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result + Send + Sync,
    {
        self.file::<T, ShowCall<F>, E>(name, data)
    }

    /// A file that shows `data`, and stores in `data` what a program writes.
    #[doc(alias("debugfs_create_atomic_t", "DEFINE_DEBUGFS_ATTRIBUTE"))]
    pub fn read_write_file<'a, T, E: 'a>(
        &'a self,
        name: &'a CStr,
        data: impl PinInit<T, E> + 'a,
    ) -> impl PinInit<File<T>, E> + 'a
    where
        T: Writer + Reader + Send + Sync + 'static,
    {
        self.file::<T, Both<Show, Store>, E>(name, data)
    }

    /// A file that shows what `f` writes, and hands to `w` what a program writes. Both capture
    /// nothing.
    pub fn read_write_callback_file<'a, T, E: 'a, F, W>(
        &'a self,
        name: &'a CStr,
        data: impl PinInit<T, E> + 'a,
        _f: &'static F,
        _w: &'static W,
    ) -> impl PinInit<File<T>, E> + 'a
    where
        T: Send + Sync + 'static,
        F: Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result + Send + Sync,
        W: Fn(&T, &mut UserSliceReader) -> Result + Send + Sync,
    {
        self.file::<T, Both<ShowCall<F>, StoreCall<W>>, E>(name, data)
    }

    /// A file that stores in `data` what a program writes.
    pub fn write_only_file<'a, T, E: 'a>(
        &'a self,
        name: &'a CStr,
        data: impl PinInit<T, E> + 'a,
    ) -> impl PinInit<File<T>, E> + 'a
    where
        T: Reader + Send + Sync + 'static,
    {
        self.file::<T, Store, E>(name, data)
    }

    /// A file that hands to `w` what a program writes. `w` captures nothing.
    pub fn write_callback_file<'a, T, E: 'a, W>(
        &'a self,
        name: &'a CStr,
        data: impl PinInit<T, E> + 'a,
        _w: &'static W,
    ) -> impl PinInit<File<T>, E> + 'a
    where
        T: Send + Sync + 'static,
        W: Fn(&T, &mut UserSliceReader) -> Result + Send + Sync,
    {
        self.file::<T, StoreCall<W>, E>(name, data)
    }

    /// A file that shows the bytes of `data`.
    #[doc(alias = "debugfs_create_blob")]
    pub fn read_binary_file<'a, T, E: 'a>(
        &'a self,
        name: &'a CStr,
        data: impl PinInit<T, E> + 'a,
    ) -> impl PinInit<File<T>, E> + 'a
    where
        T: BinaryWriter + Send + Sync + 'static,
    {
        self.file::<T, ShowBytes, E>(name, data)
    }

    /// A file that stores bytes in `data`.
    pub fn write_binary_file<'a, T, E: 'a>(
        &'a self,
        name: &'a CStr,
        data: impl PinInit<T, E> + 'a,
    ) -> impl PinInit<File<T>, E> + 'a
    where
        T: BinaryReader + Send + Sync + 'static,
    {
        self.file::<T, StoreBytes, E>(name, data)
    }

    /// A file that shows the bytes of `data`, and stores bytes in it.
    pub fn read_write_binary_file<'a, T, E: 'a>(
        &'a self,
        name: &'a CStr,
        data: impl PinInit<T, E> + 'a,
    ) -> impl PinInit<File<T>, E> + 'a
    where
        T: BinaryWriter + BinaryReader + Send + Sync + 'static,
    {
        self.file::<T, Both<ShowBytes, StoreBytes>, E>(name, data)
    }

    /// A value with a directory in this one; `init` makes files for parts of it.
    pub fn scope<'a, T: Send + 'static, E: 'a, F>(
        &'a self,
        data: impl PinInit<T, E> + 'a,
        name: &'a CStr,
        init: F,
    ) -> impl PinInit<Scope<T>, E> + 'a
    where
        F: for<'data, 'dir> FnOnce(&'data T, &'dir ScopedDir<'data, 'dir>) + 'a,
    {
        Scope::new(Some(self), data, name, init)
    }

    fn file<'a, T, C, E: 'a>(
        &'a self,
        name: &'a CStr,
        data: impl PinInit<T, E> + 'a,
    ) -> impl PinInit<File<T>, E> + 'a
    where
        T: Send + Sync + 'static,
        C: Content<T>,
    {
        let create = move |data: &T, can: bool| {
            if !can {
                return ENOMEM.to_ptr();
            }
            // SAFETY: `create` requires
            // 1. a directory that exists, or an error: `self` is borrowed, and the file has a share
            //    of it;
            // 2. data that stays until the file was removed: a `Value` removes the file first.
            unsafe { create::<T, C>(name, self.as_raw(), data) }
        };
        try_pin_init!(File {
            // SAFETY: `new` requires that what was created may be removed, with everything that
            // refers to the value: `create` makes one file.
            value <- unsafe { Value::new(data, Some(self.clone()), create) },
        }? E)
    }
}

/// A file, and the value that it is about. The file is removed when this is dropped. If this was
/// forgotten, the file is removed when the module is unloaded.
///
/// The value has memory of its own. If there is no memory, the value is part of this, and there is
/// no file.
#[pin_data]
pub struct File<T> {
    #[pin]
    value: Value<T>,
}

impl<T> Deref for File<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
