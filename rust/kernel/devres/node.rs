// SPDX-License-Identifier: GPL-2.0

//! One entry among a device's managed resources, and the owner of one.

use core::{
    marker::PhantomData,
    mem::ManuallyDrop,
    ptr::{self, NonNull},
};

use crate::{
    alloc::Flags,
    bindings,
    device::{Bound, Device},
    driver::Binding,
    ffi::c_void,
    prelude::*,
};

/// What the C side stores for an entry.
///
/// # Invariants
///
/// - NODE-KEY: no two entries that are in a list at the same time have the same key.
/// - NODE-DROP: `head.drop` drops the payload of a `Node<P>`.
#[repr(C)]
pub(crate) struct Node<P> {
    head: bindings::lb_node,
    payload: P,
}

impl<P: 'static> Node<P> {
    /// Adds an entry; `payload` is dropped when the binding ends, after what was added later. May sleep as `flags`
    /// allow. Without a `key` the entry's own address is it.
    ///
    /// # Errors
    ///
    /// `ENOMEM`; `EPERM` if no driver of this module has bound the device. `payload` is dropped then.
    pub(crate) fn attach(
        device: &Device<Bound>,
        key: Option<*const c_void>,
        payload: P,
        flags: Flags,
    ) -> Result<NonNull<Self>>
    where
        P: Send,
    {
        const {
            assert!(
                align_of::<Self>() <= align_of::<u64>(),
                "devres aligns for u64"
            )
        };
        // The release function is this module's code; see the documentation of `devres`.
        if Binding::find(device).is_none() {
            return Err(EPERM);
        }
        // SAFETY: the shim allocates; the release function is for nodes, and one is written below.
        let node = unsafe {
            bindings::lb_devres_alloc(
                Some(bindings::lb_node_release),
                size_of::<Self>(),
                flags.as_raw(),
                c"lifebound".as_char_ptr(),
            )
        };
        let node = NonNull::new(node).ok_or(ENOMEM)?.cast::<Self>();
        let key = key.unwrap_or(node.as_ptr().cast());
        let head = bindings::lb_node {
            key,
            drop: Some(drop_payload::<P>),
            abandoned: false,
        };
        // SAFETY: the memory is fresh, of this size, and aligned for `u64` as all of `kmalloc()` is.
        unsafe { node.write(Self { head, payload }) };
        // SAFETY: `devres_add()` wants a live device and a node that is not on a list.
        unsafe { bindings::devres_add(device.as_raw(), node.as_ptr().cast()) };
        Ok(node)
    }

    /// What the entry holds.
    pub(super) fn payload(&self) -> &P {
        &self.payload
    }

    /// Takes the entry with this key off the list and drops its payload. May sleep if the payload's drop does.
    ///
    /// `false` if it is not there: then the binding is ending, and has dropped the payload or is about to.
    pub(crate) fn release_now(device: &Device, key: *const c_void) -> bool {
        // SAFETY: `devres_release()` wants a live device; all entries with this release function are nodes, of which
        // the match function reads the head.
        let error = unsafe {
            bindings::devres_release(
                device.as_raw(),
                Some(bindings::lb_node_release),
                Some(bindings::lb_node_has_key),
                key.cast_mut(),
            )
        };
        error == 0
    }
}

/// Releases the entries of this module that their owners have abandoned. May sleep if the drop of a payload does.
pub(crate) fn release_abandoned(device: &Device<Bound>) {
    let release = || {
        // SAFETY: `devres_release()` wants a live device; all entries with this release function are nodes, of which
        // the match function reads the head.
        unsafe {
            bindings::devres_release(
                device.as_raw(),
                Some(bindings::lb_node_release),
                Some(bindings::lb_node_is_abandoned),
                ptr::null_mut(),
            )
        }
    };
    while release() == 0 {}
}

/// Called by `lb_node_release()` for an entry that leaves the list.
///
/// # Safety
///
/// `node` must be a `Node<P>` whose payload was not dropped yet.
unsafe extern "C" fn drop_payload<P>(node: *mut c_void) {
    let node = node.cast::<Node<P>>();
    // SAFETY: the caller passes a node of this type.
    let payload = unsafe { &raw mut (*node).payload };
    // SAFETY: C releases each entry once.
    unsafe { ptr::drop_in_place(payload) };
}

/// An entry with an owner: its payload is dropped with this, or by the binding's end if this was forgotten.
///
/// # Invariants
///
/// NODE-OWNED: `node` was attached to `device`, and nobody else releases it while the device is bound.
pub(crate) struct Owned<'a, P: Send + 'static> {
    device: &'a Device<Bound>,
    node: NonNull<Node<P>>,
    _payload: PhantomData<P>,
}

impl<'a, P: Send + 'static> Owned<'a, P> {
    /// Attaches a payload. May sleep. On error the payload is dropped; see [`Node::attach`].
    pub(crate) fn new(device: &'a Device<Bound>, payload: P) -> Result<Self> {
        Self::with_flags(device, payload, GFP_KERNEL)
    }

    /// [`new`](Self::new), sleeping only as `flags` allow.
    pub(crate) fn with_flags(device: &'a Device<Bound>, payload: P, flags: Flags) -> Result<Self> {
        let node = Node::attach(device, None, payload, flags)?;
        Ok(Self {
            device,
            node,
            _payload: PhantomData,
        })
    }

    /// The device to which the payload is attached.
    pub(crate) fn device(&self) -> &'a Device<Bound> {
        self.device
    }

    /// The payload.
    pub(crate) fn payload(&self) -> &P
    where
        P: Sync,
    {
        // SAFETY: NODE-OWNED: the entry is there while the device is bound, which `self` borrows. (If `self` is an entry
        // itself, it goes before this one, which is older.)
        unsafe { &self.node.as_ref().payload }
    }

    /// Leaves the payload to the binding, which drops it in [`release_abandoned`], or when it ends.
    pub(crate) fn abandon(self) {
        let this = ManuallyDrop::new(self);
        // SAFETY: NODE-OWNED: the entry is there.
        unsafe { bindings::lb_node_abandon(this.node.as_ptr().cast()) };
    }

    /// Takes the payload back. `None` if the binding is ending, and has dropped it or is about to.
    pub(crate) fn into_payload(self) -> Option<P> {
        let this = ManuallyDrop::new(self);
        // SAFETY: `devres_remove()` wants a live device; all entries with this release function are nodes, of which the
        // match function reads the head.
        let node = unsafe {
            bindings::devres_remove(
                this.device.as_raw(),
                Some(bindings::lb_node_release),
                Some(bindings::lb_node_has_key),
                this.node.as_ptr().cast(),
            )
        };
        let node = NonNull::new(node)?.cast::<Node<P>>();
        // SAFETY: NODE-KEY: this is the entry of `this`, which nobody else has now.
        let payload = unsafe { &raw const (*node.as_ptr()).payload };
        // SAFETY: the payload is there, and is not used again.
        let payload = unsafe { ptr::read(payload) };
        // SAFETY: the entry came off the list, and the payload out of it.
        unsafe { bindings::devres_free(node.as_ptr().cast()) };
        Some(payload)
    }
}

impl<P: Send + 'static> Drop for Owned<'_, P> {
    fn drop(&mut self) {
        // If it is not on the list, the binding's end has it, and drops it after whatever owns this.
        Node::<P>::release_now(self.device, self.node.as_ptr().cast());
    }
}

// SAFETY: the payload is `Send`, the list is locked by C, and `Device<Bound>` is `Sync`.
unsafe impl<P: Send + 'static> Send for Owned<'_, P> {}

// SAFETY: a shared reference gives access to the device alone.
unsafe impl<P: Send + 'static> Sync for Owned<'_, P> {}
