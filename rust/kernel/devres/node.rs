// SPDX-License-Identifier: GPL-2.0

//! One managed resource of a binding, and the owner of one.

use core::{
    marker::PhantomData,
    mem::ManuallyDrop,
    ptr::{self, NonNull},
};

use crate::{
    alloc::Flags,
    binding::{self, Binding, Links},
    device::{Bound, Device},
    prelude::*,
};

/// A payload in the list of a binding.
///
/// # Invariants
///
/// NODE-BOXED: a node is in a `KBox` of its own, which the list or its [`Owned`] owns.
#[pin_data]
#[repr(C)]
pub(super) struct Node<P> {
    links: Links,
    #[pin]
    payload: P,
}

impl<P: Send + 'static> Node<P> {
    /// Adds an entry; `payload` is dropped when the binding ends, after what was added later. Sleeps as `flags` allow.
    ///
    /// # Errors
    ///
    /// The initialiser's error; `ENOMEM`; `EPERM` if no driver of this module has bound the device. `payload` is dropped
    /// then.
    pub(super) fn attach<'a, E>(
        device: &'a Device<Bound>,
        payload: impl PinInit<P, E>,
        flags: Flags,
    ) -> Result<(Binding<'a>, NonNull<Self>)>
    where
        Error: From<E>,
    {
        // The release function is this module's code; see the documentation of `devres`.
        let binding = binding::of(device)?;
        let node = try_pin_init!(Self {
            links: Links::new(release::<P>),
            payload <- payload,
        }? E);
        let node = KBox::pin_init(node, flags)?;
        // SAFETY: the node is not moved: it is dropped in its box, or its payload moved out on the owner's behalf, which
        // gave it unpinned.
        let node = KBox::into_raw(unsafe { Pin::into_inner_unchecked(node) });
        // SAFETY: `into_raw` never returns null.
        let node = unsafe { NonNull::new_unchecked(node) };
        // SAFETY: (1) `links` are the head of the node, and new. (2) NODE-BOXED. (3) The release function is of this
        // module, whose bindings end before it is unloaded; the payload is `Send`.
        unsafe { binding.managed().add(node.cast()) };
        Ok((binding, node))
    }
}

/// Releases an entry that has left its list.
///
/// # Safety
///
/// `links` must head a `Node<P>` that the list owned.
unsafe fn release<P>(links: NonNull<Links>) {
    // SAFETY: NODE-BOXED; the caller passes ownership.
    drop(unsafe { KBox::from_raw(links.cast::<Node<P>>().as_ptr()) });
}

/// An entry with an owner: its payload is dropped with this, or by the binding's end if this was forgotten.
///
/// # Invariants
///
/// NODE-OWNED: `node` is in the list of `binding`, and nobody else takes it off before the binding ends.
pub(crate) struct Owned<'a, P: Send + 'static> {
    binding: Binding<'a>,
    node: NonNull<Node<P>>,
    _payload: PhantomData<P>,
}

impl<'a, P: Send + 'static> Owned<'a, P> {
    /// Attaches a payload. May sleep. On error the payload is dropped; see [`Self::with_flags`].
    pub(crate) fn new(device: &'a Device<Bound>, payload: P) -> Result<Self> {
        Self::with_flags(device, payload, GFP_KERNEL)
    }

    /// [`new`](Self::new), sleeping only as `flags` allow.
    ///
    /// # Errors
    ///
    /// `ENOMEM`; `EPERM` if no driver of this module has bound the device. `payload` is dropped then.
    pub(crate) fn with_flags(device: &'a Device<Bound>, payload: P, flags: Flags) -> Result<Self> {
        let (binding, node) = Node::attach::<Error>(device, Ok(payload), flags)?;
        Ok(Self {
            binding,
            node,
            _payload: PhantomData,
        })
    }

    /// The binding to which the payload is attached.
    pub(crate) fn binding(&self) -> Binding<'a> {
        self.binding
    }

    /// The payload.
    pub(crate) fn payload(&self) -> &P
    where
        P: Sync,
    {
        // SAFETY: NODE-OWNED: the entry is there until the binding ends, which `self` borrows. (If `self` is part of a
        // managed resource itself, that is a newer one, and goes first.)
        unsafe { &self.node.as_ref().payload }
    }

    /// Leaves the payload to the binding, which drops it when its device enters service, or when it ends. Any context.
    pub(crate) fn abandon(self) {
        let this = ManuallyDrop::new(self);
        // SAFETY: NODE-OWNED: the entry is there.
        unsafe { &this.node.as_ref().links }.abandon();
    }

    /// Takes the payload back. Any context.
    pub(crate) fn into_payload(self) -> P {
        let this = ManuallyDrop::new(self);
        let node = this.take();
        // SAFETY: NODE-BOXED; the node is in no list, so nobody else has it.
        let payload = unsafe { &raw const (*node.as_ptr()).payload };
        // SAFETY: `read` requires that the payload is not used again: the box below forgets it.
        let payload = unsafe { ptr::read(payload) };
        // SAFETY: NODE-BOXED; the node is in no list. What is left of it needs no drop.
        drop(unsafe { KBox::from_raw(node.cast::<ManuallyDrop<Node<P>>>().as_ptr()) });
        payload
    }

    /// Takes the entry off the list.
    fn take(&self) -> NonNull<Node<P>> {
        // SAFETY: `remove` requires an entry of this list that is not claimed, which NODE-OWNED says. The binding has not
        // ended: `self` borrows it. (Part of a managed resource itself, it is dropped when a newer entry is released.)
        unsafe { self.binding.managed().remove(self.node.cast()) };
        self.node
    }
}

impl<P: Send + 'static> Drop for Owned<'_, P> {
    fn drop(&mut self) {
        // SAFETY: NODE-BOXED; nobody else has the node now.
        drop(unsafe { KBox::from_raw(self.take().as_ptr()) });
    }
}

// SAFETY: the payload is `Send`, the list is locked, and a binding is `Sync`.
unsafe impl<P: Send + 'static> Send for Owned<'_, P> {}

// SAFETY: a shared reference gives the payload to those that ask for `P: Sync`, and the binding.
unsafe impl<P: Send + 'static> Sync for Owned<'_, P> {}
