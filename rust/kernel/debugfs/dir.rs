// SPDX-License-Identifier: GPL-2.0

//! Directories.

use core::ptr;

use crate::{bindings, prelude::*, str::file_name, sync::Arc};

/// What a name is of.
pub(super) const WHAT: &CStr = c"a file in debugfs";

/// Makes a directory; gives what C returned, for removing it, or an error. May sleep.
///
/// # Safety
///
/// `parent` must be a directory that is there, an error, or null for the top.
pub(super) unsafe fn make_dir(name: &CStr, parent: *mut bindings::dentry) -> *mut bindings::dentry {
    match file_name::check(WHAT, name, file_name::LONGEST) {
        Err(error) => error.to_ptr(),
        // SAFETY: `debugfs_create_dir()` requires such a parent, which the caller passes; it copies
        // the name.
        Ok(()) => unsafe { bindings::lb_debugfs_create_dir(name.as_char_ptr(), parent) },
    }
}

/// A directory. It is removed when the last share of it, and of what is in it, is dropped.
///
/// One that is forgotten stays, empty, when the module is unloaded.
#[derive(Clone)]
pub struct Dir(Option<Arc<DirEntry>>);

/// A directory with a life of its own, or a use of one that is shared.
struct DirEntry {
    dentry: *mut bindings::dentry,
    /// Null for one of its own.
    shared: *mut bindings::lb_debugfs_dir,
    /// Removed later.
    _parent: Option<Dir>,
}

// SAFETY: directories belong to no thread.
unsafe impl Send for DirEntry {}

// SAFETY: C locks.
unsafe impl Sync for DirEntry {}

impl Drop for DirEntry {
    fn drop(&mut self) {
        if !self.shared.is_null() {
            // SAFETY: `Dir::shared` has got it for this entry; what is in the directory has a share of the entry.
            return unsafe { bindings::lb_debugfs_put_shared(self.shared) };
        }
        // SAFETY: `debugfs_remove()` wants what `debugfs_create_dir()` returned, an error included, not removed before.
        unsafe { bindings::lb_debugfs_remove(self.dentry) };
    }
}

impl Dir {
    /// A directory at the top.
    pub fn new(name: &CStr) -> Self {
        Self::create(name, None)
    }

    /// The directory of that name at the top, which all in this module share who ask for it: the devices of a driver, for
    /// example. It is made for the first, and removed after the last. Ours alone.
    pub fn shared(name: &CStr) -> Self {
        if file_name::check(WHAT, name, file_name::LONGEST).is_err() {
            return Self(None);
        }
        // SAFETY: the shim wants a string, which it copies.
        let shared = unsafe { bindings::lb_debugfs_get_shared(name.as_char_ptr()) };
        if shared.is_null() {
            return Self(None);
        }
        // SAFETY: got in the line above, and not given back.
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
        // SAFETY: it is a directory that is there, an error, or null for the top.
        let dentry = unsafe { make_dir(name, raw) };
        Self::enter(DirEntry {
            dentry,
            shared: ptr::null_mut(),
            _parent: parent,
        })
    }

    /// If this fails, the entry is dropped, and the directory removed.
    fn enter(entry: DirEntry) -> Self {
        Self(Arc::new(entry, GFP_KERNEL).ok())
    }

    /// The C directory, or an error, which C takes as a directory in which nothing can be made.
    pub(super) fn as_raw(&self) -> *mut bindings::dentry {
        self.0
            .as_ref()
            .map_or(ENOMEM.to_ptr(), |entry| entry.dentry)
    }
}
