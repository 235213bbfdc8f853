// SPDX-License-Identifier: GPL-2.0

//! A managed resource of a binding, and the handle that owns it.

use core::{marker::PhantomData, ptr::NonNull};

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
/// NODE-BOXED: each node is in a `KBox` of its own, which either the list or the node's [`Owned`]
/// owns.
#[pin_data]
#[repr(C)]
pub(super) struct Node<P> {
    links: Links,
    #[pin]
    payload: P,
}

impl<P: Send + 'static> Node<P> {
    /// Adds an entry. The end of the binding drops `payload`, after the entries that were added
    /// later.
    ///
    /// Context: any context; sleeps as `flags` allow.
    ///
    /// # Errors
    ///
    /// The initialiser's error; `ENOMEM`; `EPERM` if no driver of this module has bound the device.
    /// `payload` is dropped then.
    pub(super) fn attach<'a, E>(
        device: &'a Device<Bound>,
        payload: impl PinInit<P, E>,
        flags: Flags,
    ) -> Result<(Binding<'a>, NonNull<Self>)>
    where
        Error: From<E>,
    {
        // This check keeps the release function's code loaded; see the documentation of `devres`.
        let binding = binding::of(device)?;
        let node = try_pin_init!(Self {
            links: Links::new(release::<P>),
            payload <- payload,
        }? E);
        let node = KBox::pin_init(node, flags)?;
        // SAFETY: `into_inner_unchecked` requires that the node does not move. It is dropped in its
        // box. Its payload is moved out only for an owner that passed the payload in unpinned.
        let node = KBox::into_raw(unsafe { Pin::into_inner_unchecked(node) });
        // SAFETY: `new_unchecked` requires a pointer that is not null; `into_raw` never returns
        // null.
        let node = unsafe { NonNull::new_unchecked(node) };
        // SAFETY: `add` requires (1) new links in no list, (2) memory that stays until the entry is
        // removed, (3) a release function that any thread may call until the binding has ended. (1)
        // `links` are the head of the node, and new. (2) NODE-BOXED. (3) The function is code of
        // this module, whose bindings end before it is unloaded, and the payload is `Send`.
        unsafe { binding.managed().add(node.cast()) };
        Ok((binding, node))
    }
}

/// Releases an entry that was removed from its list.
///
/// # Safety
///
/// `links` must be the links of a `Node<P>` that the list owned. The ownership passes to this
/// function.
unsafe fn release<P>(links: NonNull<Links>) {
    // SAFETY: `KBox::from_raw` requires the ownership of a box; NODE-BOXED says that there is one,
    // and the caller passes it.
    drop(unsafe { KBox::from_raw(links.cast::<Node<P>>().as_ptr()) });
}

/// An entry with an owner. Dropping this drops the payload. If this is forgotten, the end of the
/// binding drops it.
///
/// # Invariants
///
/// NODE-OWNED: `node` is in the list of `binding`, and nobody else removes it before the binding
/// ends.
pub(crate) struct Owned<'a, P: Send + 'static> {
    binding: Binding<'a>,
    node: NonNull<Node<P>>,
    _payload: PhantomData<P>,
}

impl<'a, P: Send + 'static> Owned<'a, P> {
    /// Attaches a payload to the binding.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`; `EPERM` if no driver of this module has bound the device. `payload` is dropped
    /// then.
    pub(crate) fn new(device: &'a Device<Bound>, payload: P) -> Result<Self> {
        let (binding, node) = Node::attach::<Error>(device, Ok(payload), GFP_KERNEL)?;
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

    /// Removes the entry from the list.
    fn take(&self) -> NonNull<Node<P>> {
        // SAFETY: `remove` requires (1) an entry of this list that is not claimed, (2) a binding
        // that is not ending, or a caller that is the release function of another entry. (1)
        // NODE-OWNED. (2) `self` borrows the binding. (If `self` is a part of a managed resource
        // itself, this runs in the release of that newer entry.)
        unsafe { self.binding.managed().remove(self.node.cast()) };
        self.node
    }
}

impl<P: Send + 'static> Drop for Owned<'_, P> {
    fn drop(&mut self) {
        // SAFETY: `KBox::from_raw` requires the ownership of a box; NODE-BOXED, and `take` removed
        // the node from the list.
        drop(unsafe { KBox::from_raw(self.take().as_ptr()) });
    }
}

// SAFETY: `Send` requires that any thread may own and drop the value; the payload is `Send`, the
// list has a lock, and a binding is `Send`.
unsafe impl<P: Send + 'static> Send for Owned<'_, P> {}

// SAFETY: `Sync` requires that threads may share the value; a shared reference gives the payload
// only if `P: Sync`, and the binding, which is `Sync`.
unsafe impl<P: Send + 'static> Sync for Owned<'_, P> {}
