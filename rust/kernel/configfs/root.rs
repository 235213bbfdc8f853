// SPDX-License-Identifier: GPL-2.0

//! The account of a subsystem's groups, and the memory that C uses for each directory.

use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::{
    bindings, calls,
    error::to_result,
    ffi::c_void,
    prelude::*,
    sync::Arc,
    time::{Delta, delay::fsleep},
    types::Opaque,
};

/// The key of all callbacks of this module: see [`calls`].
static CALLS: u8 = 0;

/// Begins a callback.
pub(super) fn begin_call() -> calls::Call {
    calls::Call::begin(&raw const CALLS)
}

/// Whether this thread runs a callback of a directory.
pub(super) fn run_here() -> bool {
    calls::is_running(&raw const CALLS)
}

/// What all directories of a subsystem share.
#[derive(Default)]
pub(super) struct Root {
    /// The number of groups that `make_group` has made and C has not released.
    groups: AtomicUsize,
    closed: AtomicBool,
}

impl Root {
    /// Counts a group, for [`leave`](Self::leave).
    ///
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the subsystem is about to be removed. Nothing is counted then.
    pub(super) fn enter(&self) -> Result {
        self.groups.fetch_add(1, Ordering::SeqCst);
        if self.closed.load(Ordering::SeqCst) {
            self.leave();
            return Err(ENODEV);
        }
        Ok(())
    }

    /// Takes back one [`enter`](Self::enter).
    ///
    /// Context: any context.
    pub(super) fn leave(&self) {
        self.groups.fetch_sub(1, Ordering::SeqCst);
    }

    /// Allows no more groups, and waits until there are none.
    ///
    /// Context: process context; may sleep.
    fn close(&self, name: &CStr) {
        self.closed.store(true, Ordering::SeqCst);
        let mut is_said = false;
        loop {
            let groups = self.groups.load(Ordering::SeqCst);
            if groups == 0 {
                return;
            }
            if !is_said {
                pr_warn!("configfs: {name:?} goes when its {groups} groups were removed\n");
                is_said = true;
            }
            fsleep(Delta::from_millis(20));
        }
    }
}

/// The beginning of each directory's memory. A group uses `raw` only in part.
///
/// # Invariants
///
/// CFG-HEAD: a pointer to the `config_item` of a directory that this crate has made is one to its
/// `Head`, since all of them lie at offset 0.
#[pin_data]
#[repr(C)]
pub(super) struct Head {
    #[pin]
    raw: Opaque<bindings::configfs_subsystem>,
    /// `None` in a group that user space has not made.
    root: Option<Arc<Root>>,
}

const _: () = assert!(core::mem::offset_of!(bindings::configfs_subsystem, su_group) == 0);
const _: () = assert!(core::mem::offset_of!(bindings::config_group, cg_item) == 0);

// SAFETY: `Send` requires that any thread may own and drop the value: no thread owns a directory.
unsafe impl Send for Head {}

// SAFETY: `Sync` requires that threads may share the value: C takes locks of its own, and a shared
// head gives access to the root alone.
unsafe impl Sync for Head {}

impl Head {
    /// Returns an initialiser of zeroes.
    pub(super) fn new(root: Option<Arc<Root>>) -> impl PinInit<Self> {
        pin_init!(Self {
            raw: Opaque::new(bindings::configfs_subsystem::default()),
            root,
        })
    }

    /// The root, if the directory is a part of configfs.
    pub(super) fn root(&self) -> Option<&Arc<Root>> {
        self.root.as_ref()
    }

    /// Makes the directory one of this root.
    pub(super) fn set_root(self: Pin<&mut Self>, root: Arc<Root>) {
        *self.project().root = Some(root);
    }

    /// C's structure of the directory.
    pub(super) fn as_raw(&self) -> *mut bindings::config_group {
        self.raw.get().cast()
    }

    /// Initialises C's structure.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`. There is nothing to undo then.
    ///
    /// # Safety
    ///
    /// 1. The head must be new.
    /// 2. `item_type` must be that of a directory with this head.
    pub(super) unsafe fn init(
        &self,
        name: &CStr,
        item_type: *const bindings::config_item_type,
    ) -> Result {
        let (group, name) = (self.as_raw(), name.as_char_ptr());
        // SAFETY: the shim requires zeroed memory that nobody knows, a C string and a type that
        // stays: the caller vouches for the first and the last (1, 2), and `name` is borrowed.
        match unsafe { bindings::lb_configfs_group_init(group, name, item_type) } {
            true => Ok(()),
            false => Err(ENOMEM),
        }
    }

    /// Registers a subsystem that was initialised.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// Those of C. The name is freed then.
    ///
    /// # Safety
    ///
    /// The head must have been initialised, once. It must stay in place until it is unregistered.
    pub(super) unsafe fn register(&self) -> Result {
        // SAFETY: `mutex_init()` requires a lock that nobody uses: nobody knows the subsystem.
        unsafe { bindings::lb_configfs_subsystem_init(self.raw.get()) };
        // SAFETY: `configfs_register_subsystem()` requires an initialised subsystem that stays in
        // place: the caller vouches for it.
        to_result(unsafe { bindings::configfs_register_subsystem(self.raw.get()) })
            // SAFETY: `put_item` requires the first reference of an item that nobody else uses: C
            // has not registered the subsystem.
            .inspect_err(|_| unsafe { self.put_item() })
    }

    /// Gives up the reference with which a directory begins.
    ///
    /// # Safety
    ///
    /// The caller must own that reference.
    unsafe fn put_item(&self) {
        // SAFETY: `config_item_put()` requires a reference to give up: the caller passes it.
        unsafe { bindings::config_item_put(self.as_raw().cast()) }
    }

    fn name(&self) -> &CStr {
        let item = self.as_raw().cast::<bindings::config_item>();
        // SAFETY: a field's place requires a live structure: it is a part of `self`.
        let name = unsafe { (*item).ci_name };
        // SAFETY: `from_char_ptr` requires a C string that stays: a registered subsystem keeps the
        // name that `init` gave it.
        unsafe { CStr::from_char_ptr(name) }
    }
}

/// Removes a subsystem, after its groups.
///
/// Context: process context; may sleep.
///
/// # Safety
///
/// `head` must be that of a registered subsystem, which nobody else removes.
pub(super) unsafe extern "C" fn unregister(head: *mut c_void) {
    // SAFETY: a reference requires a live head: the caller vouches for it.
    let head = unsafe { &*head.cast::<Head>() };
    if let Some(root) = head.root() {
        root.close(head.name());
    }
    // SAFETY: `configfs_unregister_subsystem()` requires a registered subsystem without groups:
    // the caller vouches for the first, and `close` has waited for the second. A `mkdir` or `rmdir`
    // that has not returned holds the directory's lock, for which C waits.
    unsafe { bindings::configfs_unregister_subsystem(head.raw.get()) };
    // SAFETY: `put_item` requires the first reference, which nobody else gives up: C has taken none
    // that it keeps.
    unsafe { head.put_item() };
}
