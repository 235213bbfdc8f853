// SPDX-License-Identifier: GPL-2.0

//! Directories in debugfs.

use core::ptr;

use crate::{bindings, prelude::*, str::file_name, sync::Arc};

/// The thing that a name is of, for messages in the log.
pub(super) const WHAT: &CStr = c"a file in debugfs";

/// Makes a directory. Returns what C returned, with which the directory is removed, or an error.
///
/// Context: process context; may sleep.
///
/// # Safety
///
/// `parent` must be a directory that exists, an error, or null for the top.
pub(super) unsafe fn make_dir(name: &CStr, parent: *mut bindings::dentry) -> *mut bindings::dentry {
    match file_name::check(WHAT, name, file_name::LONGEST) {
        Err(error) => error.to_ptr(),
        // SAFETY: `debugfs_create_dir()` requires a directory that exists, an error, or null: the
        // caller passes one. C copies the name.
        Ok(()) => unsafe { bindings::lb_debugfs_create_dir(name.as_char_ptr(), parent) },
    }
}

/// A directory. It is removed when the last share of it, and of what is in it, is dropped.
///
/// A directory that was forgotten stays, empty, when the module is unloaded.
#[derive(Clone)]
pub struct Dir(Option<Arc<DirEntry>>);

/// A directory with a life of its own, or a use of a directory that is shared.
struct DirEntry {
    dentry: *mut bindings::dentry,
    /// The shared directory. It is null for a directory with a life of its own.
    shared: *mut bindings::lb_debugfs_dir,
    /// The directory above, which is removed later.
    _parent: Option<Dir>,
}

// SAFETY: `Send` requires that any thread may own the entry: directories belong to no thread.
unsafe impl Send for DirEntry {}

// SAFETY: `Sync` requires that threads may share the entry: C locks what it uses of a directory.
unsafe impl Sync for DirEntry {}

impl Drop for DirEntry {
    fn drop(&mut self) {
        if !self.shared.is_null() {
            // SAFETY: `lb_debugfs_put_shared()` requires a use that `lb_debugfs_get_shared()` gave:
            // `Dir::shared` got it for this entry. Everything in the directory has a share of the
            // entry.
            return unsafe { bindings::lb_debugfs_put_shared(self.shared) };
        }
        // SAFETY: `debugfs_remove()` requires a result of `debugfs_create_dir()`, an error
        // included, that was not removed before: `create` stored it, and this is the entry's drop.
        unsafe { bindings::lb_debugfs_remove(self.dentry) };
    }
}

impl Dir {
    /// A directory at the top.
    #[doc(alias("debugfs_create_dir", "debugfs_remove", "debugfs_remove_recursive"))]
    pub fn new(name: &CStr) -> Self {
        Self::create(name, None)
    }

    /// The directory of that name at the top, which its users in this module share. The devices of
    /// a driver are such users, for example. The directory is made for the first user, and removed
    /// after the last.
    ///
    /// Not in Linux 7.3.
    pub fn shared(name: &CStr) -> Self {
        if file_name::check(WHAT, name, file_name::LONGEST).is_err() {
            return Self(None);
        }
        // SAFETY: `lb_debugfs_get_shared()` requires a string, which it copies: `name` is one.
        let shared = unsafe { bindings::lb_debugfs_get_shared(name.as_char_ptr()) };
        if shared.is_null() {
            return Self(None);
        }
        // SAFETY: `lb_debugfs_shared_dentry()` requires a use of a shared directory: the line above
        // got it, and nobody has given it back.
        let dentry = unsafe { bindings::lb_debugfs_shared_dentry(shared) };
        Self::enter(DirEntry {
            dentry,
            shared,
            _parent: None,
        })
    }

    /// A directory in this one.
    pub fn subdir(&self, name: &CStr) -> Self {
        Self::create(name, Some(self.clone()))
    }

    fn create(name: &CStr, parent: Option<Dir>) -> Self {
        let raw = parent.as_ref().map_or(ptr::null_mut(), Self::as_raw);
        // SAFETY: `make_dir` requires a directory that exists, an error, or null for the top: `raw`
        // is one of them, and `parent` keeps it.
        let dentry = unsafe { make_dir(name, raw) };
        Self::enter(DirEntry {
            dentry,
            shared: ptr::null_mut(),
            _parent: parent,
        })
    }

    /// Shares an entry. If this fails, the entry is dropped, and the directory is removed.
    fn enter(entry: DirEntry) -> Self {
        Self(Arc::new(entry, GFP_KERNEL).ok())
    }

    /// The C directory, or an error. C takes an error as a directory in which nothing can be made.
    pub(super) fn as_raw(&self) -> *mut bindings::dentry {
        self.0
            .as_ref()
            .map_or(ENOMEM.to_ptr(), |entry| entry.dentry)
    }
}
