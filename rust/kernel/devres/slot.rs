// SPDX-License-Identifier: GPL-2.0

//! A value that a bus keeps for each binding, and finds again.

use core::marker::PhantomData;

use super::node::Node;
use crate::{
    bindings,
    device::{Bound, Device},
    ffi::c_void,
    prelude::*,
};

/// The place of a `P` in each binding. To be a `static`: its address is the key of the entries.
///
/// # Invariants
///
/// SLOT-KEEPS: the entries whose key is the address of a `Slot<P>` hold a `P`, and stay until their binding ends.
pub(crate) struct Slot<P> {
    // A static with a size has an address of its own.
    _place: u8,
    _payload: PhantomData<fn(P)>,
}

impl<P: Send + Sync + 'static> Slot<P> {
    /// A place in which no binding has a value.
    pub(crate) const fn new() -> Self {
        Self {
            _place: 0,
            _payload: PhantomData,
        }
    }

    /// Has the binding keep a value until it ends. May sleep.
    ///
    /// # Errors
    ///
    /// `EEXIST` if it has one; `ENOMEM`; `EPERM` if no driver of this module has bound the device. The value is dropped
    /// then.
    pub(crate) fn fill<'a>(&'static self, device: &'a Device<Bound>, payload: P) -> Result<&'a P> {
        if self.get(device).is_some() {
            return Err(EEXIST);
        }
        // INVARIANT: SLOT-KEEPS: a `P`; only `Node::release_now` ends an entry early, which nobody calls with this key.
        let node = Node::attach(device, Some(self.key()), payload, GFP_KERNEL)?;
        // SAFETY: SLOT-KEEPS; the binding lasts as long as `device`.
        Ok(unsafe { node.as_ref() }.payload())
    }

    /// The value that the binding keeps. Any context.
    pub(crate) fn get<'a>(&'static self, device: &'a Device<Bound>) -> Option<&'a P> {
        // SAFETY: `devres_find()` wants a live device; all entries with this release function are nodes, of which the
        // match function reads the head.
        let node = unsafe {
            bindings::devres_find(
                device.as_raw(),
                Some(bindings::lb_node_release),
                Some(bindings::lb_node_has_key),
                self.key().cast_mut(),
            )
        };
        let node = core::ptr::NonNull::new(node)?.cast::<Node<P>>();
        // SAFETY: SLOT-KEEPS; the binding lasts as long as `device`.
        Some(unsafe { node.as_ref() }.payload())
    }

    fn key(&'static self) -> *const c_void {
        core::ptr::from_ref(self).cast()
    }
}
