// SPDX-License-Identifier: GPL-2.0

//! A value with a directory of files for parts of it.

use core::{
    marker::PhantomData,
    ops::Deref,
    ptr,
    sync::atomic::{AtomicPtr, Ordering},
};

use super::{
    dir::{Dir, make_dir},
    operations::{
        Both, Content, Show, ShowBytes, ShowCall, Store, StoreBytes, StoreCall, create, run_here,
    },
    traits::{BinaryReader, BinaryWriter, Reader, Writer},
    value::Value,
};
use crate::{
    bindings,
    error::code::ENOMEM,
    prelude::*,
    scope::{self, Handle, Registered},
    uaccess::UserSliceReader,
};

/// A directory in which files for parts of a value are made. The directory and its files are
/// removed before the value is dropped.
pub struct ScopedDir<'data, 'dir> {
    dentry: *mut bindings::dentry,
    _data: PhantomData<fn(&'data ()) -> &'data ()>,
    _dir: PhantomData<&'dir ()>,
}

impl<'data> ScopedDir<'data, '_> {
    /// A directory in this one.
    pub fn dir<'dir2>(&'dir2 self, name: &CStr) -> ScopedDir<'data, 'dir2> {
        // SAFETY: `make_dir` requires a directory that exists, or an error: `self` is one of them.
        let dentry = unsafe { make_dir(name, self.dentry) };
        // SAFETY: `from_raw` requires a directory that exists for `'dir2`, and is removed before
        // `'data` ends: it is removed with the directory in which it is.
        unsafe { Self::from_raw(dentry) }
    }

    /// A file that shows `data`.
    pub fn read_only_file<T: Writer + Send + Sync>(&self, name: &CStr, data: &'data T) {
        self.file::<T, Show>(name, data);
    }

    /// A file that shows what `f` writes about `data`. `f` captures nothing.
    pub fn read_callback_file<T, F>(&self, name: &CStr, data: &'data T, _f: &'static F)
    where
        T: Send + Sync,
        F: Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result + Send + Sync,
    {
        self.file::<T, ShowCall<F>>(name, data);
    }

    /// A file that shows `data`, and stores in `data` what a program writes.
    pub fn read_write_file<T: Writer + Reader + Send + Sync>(&self, name: &CStr, data: &'data T) {
        self.file::<T, Both<Show, Store>>(name, data);
    }

    /// A file that shows what `f` writes, and hands to `w` what a program writes. Both capture
    /// nothing.
    pub fn read_write_callback_file<T, F, W>(
        &self,
        name: &CStr,
        data: &'data T,
        _f: &'static F,
        _w: &'static W,
    ) where
        T: Send + Sync,
        F: Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result + Send + Sync,
        W: Fn(&T, &mut UserSliceReader) -> Result + Send + Sync,
    {
        self.file::<T, Both<ShowCall<F>, StoreCall<W>>>(name, data);
    }

    /// A file that stores in `data` what a program writes.
    pub fn write_only_file<T: Reader + Send + Sync>(&self, name: &CStr, data: &'data T) {
        self.file::<T, Store>(name, data);
    }

    /// A file that hands to `w` what a program writes. `w` captures nothing.
    pub fn write_only_callback_file<T, W>(&self, name: &CStr, data: &'data T, _w: &'static W)
    where
        T: Send + Sync,
        W: Fn(&T, &mut UserSliceReader) -> Result + Send + Sync,
    {
        self.file::<T, StoreCall<W>>(name, data);
    }

    /// A file that shows the bytes of `data`.
    pub fn read_binary_file<T: BinaryWriter + Send + Sync>(&self, name: &CStr, data: &'data T) {
        self.file::<T, ShowBytes>(name, data);
    }

    /// A file that stores bytes in `data`.
    pub fn write_binary_file<T: BinaryReader + Send + Sync>(&self, name: &CStr, data: &'data T) {
        self.file::<T, StoreBytes>(name, data);
    }

    /// A file that shows the bytes of `data`, and stores bytes in it.
    pub fn read_write_binary_file<T: BinaryWriter + BinaryReader + Send + Sync>(
        &self,
        name: &CStr,
        data: &'data T,
    ) {
        self.file::<T, Both<ShowBytes, StoreBytes>>(name, data);
    }

    fn file<T: Sync, C: Content<T>>(&self, name: &CStr, data: &'data T) {
        // SAFETY: `create` requires (1) a directory that exists, or an error, (2) data that exists
        // until the file was removed. (1) `self` is one of them. (2) The file is removed with its
        // directory, before `'data` ends.
        unsafe { create::<T, C>(name, self.dentry, data) };
    }

    /// # Safety
    ///
    /// `dentry` must be an error, or a directory that exists for `'y`. It must be removed before
    /// `'x` ends.
    unsafe fn from_raw<'x, 'y>(dentry: *mut bindings::dentry) -> ScopedDir<'x, 'y> {
        ScopedDir {
            dentry,
            _data: PhantomData,
            _dir: PhantomData,
        }
    }
}

/// Makes a directory, and calls `init` to fill it. Returns what C returned, with which the
/// directory is removed.
///
/// # Safety
///
/// 1. `parent` must be a directory that exists, an error, or null for the top.
/// 2. The directory must be removed before `data` is dropped. Until then `data` must only be
///    shared.
unsafe fn fill<T>(
    parent: *mut bindings::dentry,
    name: &CStr,
    data: &T,
    init: impl for<'data, 'dir> FnOnce(&'data T, &'dir ScopedDir<'data, 'dir>),
) -> *mut bindings::dentry {
    // SAFETY: `make_dir` requires a directory that exists, an error, or null for the top: (1).
    let dentry = unsafe { make_dir(name, parent) };
    // SAFETY: `from_raw` requires a directory that exists for one lifetime, and is removed before
    // the other ends: the directory exists for as long as the data (2), and `init` works for any
    // lifetimes.
    init(data, &unsafe { ScopedDir::from_raw(dentry) });
    dentry
}

/// A value, and a directory of files for parts of it. The directory is removed when this is
/// dropped. If this was forgotten, the directory is removed when the module is unloaded. The value
/// borrows nothing; for a value that borrows, see [`Tree`].
///
/// The value has memory of its own. If there is no memory, the value is part of this, and there is
/// no directory.
#[pin_data]
pub struct Scope<T> {
    #[pin]
    value: Value<T>,
}

impl<T: Send + 'static> Scope<T> {
    /// A value with a directory at the top.
    pub fn dir<'a, E: 'a, F>(
        data: impl PinInit<T, E> + 'a,
        name: &'a CStr,
        init: F,
    ) -> impl PinInit<Self, E> + 'a
    where
        F: for<'data, 'dir> FnOnce(&'data T, &'dir ScopedDir<'data, 'dir>) + 'a,
    {
        Self::new(None, data, name, init)
    }

    pub(super) fn new<'a, E: 'a, F>(
        parent: Option<&'a Dir>,
        data: impl PinInit<T, E> + 'a,
        name: &'a CStr,
        init: F,
    ) -> impl PinInit<Self, E> + 'a
    where
        F: for<'data, 'dir> FnOnce(&'data T, &'dir ScopedDir<'data, 'dir>) + 'a,
    {
        let create = move |data: &T, can: bool| {
            let parent = if can { raw(parent) } else { ENOMEM.to_ptr() };
            // SAFETY: `fill` requires
            // 1. a directory that exists, an error or null: `parent` is borrowed;
            // 2. data that stays until the directory was removed: a `Value` removes it first.
            //    Nothing is made in an error.
            unsafe { fill(parent, name, data, init) }
        };
        try_pin_init!(Self {
            // SAFETY: `new` requires that what was created may be removed, with everything that
            // refers to the value: it is the directory around all files.
            value <- unsafe { Value::new(data, parent.cloned(), create) },
        }? E)
    }
}

/// The C directory, or null for the top.
fn raw(dir: Option<&Dir>) -> *mut bindings::dentry {
    dir.map_or(ptr::null_mut(), Dir::as_raw)
}

impl<T> Deref for Scope<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A value that may borrow from the scope of a binding, and a directory of files for parts of it.
///
/// The directory is removed when this is dropped, or else when the scope ends. The removal waits
/// for programs that are reading or writing a file.
///
/// # Examples
///
/// ```no_run
/// use kernel::{
///     debugfs::Tree,
///     prelude::*,
///     scope::Scope,
///     sync::atomic::{Atomic, Relaxed},
/// };
///
/// /// Part of the driver's data.
/// struct Counts {
///     read: Atomic<u32>,
///     written: Atomic<u32>,
/// }
///
/// // In `attach`, which gets the data and the scope:
/// fn publish<'x>(counts: &'x Counts, scope: &'x Scope<'x>) -> Result {
///     Tree::new(scope, None, c"counts", counts, |counts, dir| {
///         dir.read_only_file(c"read", &counts.read);
///         dir.read_write_file(c"written", &counts.written);
///         dir.read_callback_file(c"sum", *counts, &|counts: &Counts, f| {
///             let sum = counts.read.load(Relaxed).wrapping_add(counts.written.load(Relaxed));
///             writeln!(f, "{sum}")
///         });
///     })?
///     .detach();
///     Ok(())
/// }
/// ```
#[must_use = "to drop it ends it at once; `detach` leaves it to the scope"]
pub struct Tree<T: Send + Sync>(Handle<TreePayload<T>>);

impl<T: Send + Sync> Tree<T> {
    /// Makes the directory `name`, at the top if there is no `parent`. `init` fills it.
    ///
    /// # Errors
    ///
    /// - The initialiser's error.
    /// - `ENOMEM`.
    /// - `ENODEV` if the scope is ending.
    ///
    /// There is no directory then. A failure of debugfs is not an error.
    pub fn new<'x, E, F>(
        scope: &scope::Scope<'x>,
        parent: Option<&Dir>,
        name: &CStr,
        data: impl PinInit<T, E>,
        init: F,
    ) -> Result<Self>
    where
        T: 'x,
        Error: From<E>,
        F: for<'data, 'dir> FnOnce(&'data T, &'dir ScopedDir<'data, 'dir>),
    {
        let payload = try_pin_init!(TreePayload {
            dentry: AtomicPtr::default(),
            data <- data,
            _parent: parent.cloned(),
        });
        let start = |payload: Pin<&TreePayload<T>>| {
            // SAFETY: `fill` requires
            // 1. a directory that exists, an error or null: `parent` is borrowed;
            // 2. data that stays until the directory was removed: `stop` removes it, and the
            //    payload is dropped after that.
            let dentry = unsafe { fill(raw(parent), name, &payload.get_ref().data, init) };
            payload.dentry.store(dentry, Ordering::Release);
            Ok(())
        };
        scope.enter::<_, Error>(payload, start).map(Self)
    }

    /// Leaves the directory to its scope.
    ///
    /// Context: any context.
    pub fn detach(self) {
        self.0.detach();
    }
}

/// The payload that the scope owns.
#[pin_data]
struct TreePayload<T> {
    dentry: AtomicPtr<bindings::dentry>,
    #[pin]
    data: T,
    _parent: Option<Dir>,
}

impl<T: Send + Sync> Registered for TreePayload<T> {
    fn stop(self: Pin<&Self>) {
        // SAFETY: `debugfs_remove()` requires a result of `debugfs_create_dir()`, an error
        // included, that was not removed before: `start` stored it, and `stop` is called once. When
        // it returns, no operation of a file is running, and none is called again.
        unsafe { bindings::lb_debugfs_remove(self.dentry.load(Ordering::Acquire)) };
    }

    fn is_called_here(self: Pin<&Self>) -> bool {
        run_here()
    }
}
