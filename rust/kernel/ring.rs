// SPDX-License-Identifier: GPL-2.0

//! [`Ring`]: values of any kind in the order in which they were added. The order needs no memory of
//! its own.
//!
//! A value that can be in a ring begins with a [`Link`]. Adding a value and removing one cost the
//! same for any number of values. The ring neither owns nor drops its values. Each list that is
//! made of a ring says which protocol decides that (`binding/managed.rs`, `scope/end_list.rs`,
//! `module_scope/left_work.rs`).
//!
//! ```text
//!     end ──next──> oldest ──next──> .. ──next──> newest ──next──> end
//!     end <──prev── oldest <──prev── .. <──prev── newest <──prev── end
//! ```
//!
//! A ring is not `Sync`. It lies in a lock, so a reference to it shows that nobody else uses the
//! ring.

use core::{
    cell::Cell,
    ptr::{self, NonNull},
};

use pin_init::{PinInit, pin_data, pin_init};

use crate::types::Opaque;

/// The place of a value in a ring. It is the first field of the value.
///
/// The neighbours belong to the ring in which the link is. They mean nothing while the link is in
/// no ring.
#[repr(C)]
pub(crate) struct Link {
    next: Cell<*const Link>,
    prev: Cell<*const Link>,
}

// SAFETY: `Send` requires that any thread may own the link. A link in a ring is used only through
// the ring, by one thread at a time. The fields of any other link have no meaning.
unsafe impl Send for Link {}

// SAFETY: `Sync` requires that threads may share the link: a shared link has no methods.
unsafe impl Sync for Link {}

impl Link {
    /// A link that is in no ring.
    pub(crate) const fn new() -> Self {
        Self {
            next: Cell::new(ptr::null()),
            prev: Cell::new(ptr::null()),
        }
    }
}

/// Links in order of addition.
///
/// # Invariants
///
/// RING-LINKED: the end, and the links that were added and not removed, form a ring by `next`, and
/// the same ring backwards by `prev`. All of them are alive and in place, and no other ring has
/// them.
#[pin_data]
pub(crate) struct Ring {
    #[pin]
    end: Opaque<Link>,
}

// SAFETY: `Send` requires that any thread may own the ring: `add` requires links that any thread
// may reach.
unsafe impl Send for Ring {}

impl Ring {
    /// Builds an empty ring.
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            end <- Opaque::ffi_init(|end: *mut Link| {
                let link = Link {
                    next: Cell::new(end),
                    prev: Cell::new(end),
                };
                // INVARIANT: RING-LINKED: the end alone is a ring.
                // SAFETY: `write` requires memory that may be written: `ffi_init` gives such
                // memory.
                unsafe { end.write(link) }
            }),
        })
    }

    fn end(&self) -> *const Link {
        self.end.get()
    }

    fn end_link(&self) -> &Link {
        // SAFETY: a reference requires an initialised link: `new` has initialised it, and a ring is
        // pinned.
        unsafe { &*self.end() }
    }

    /// Adds a link as the newest.
    ///
    /// Context: any context.
    ///
    /// # Safety
    ///
    /// 1. `link` must be in no ring.
    /// 2. The link must stay alive and in place until it was removed, and any thread must be
    ///    allowed to reach it.
    pub(crate) unsafe fn add(&self, link: NonNull<Link>) {
        let (end, newest) = (self.end_link(), self.end_link().prev.get());
        // SAFETY: `as_ref` requires a live link: (2).
        let new = unsafe { link.as_ref() };
        new.next.set(end);
        new.prev.set(newest);
        // INVARIANT: RING-LINKED: the link is between the newest and the end, and is in no other
        // ring (1).
        // SAFETY: a reference requires a live link: RING-LINKED says so of the newest, which may be
        // the end.
        unsafe { &*newest }.next.set(link.as_ptr());
        end.prev.set(link.as_ptr());
    }

    /// Removes a link.
    ///
    /// Context: any context.
    ///
    /// # Safety
    ///
    /// 1. `link` must be in this ring.
    /// 2. An iterator that returned the link last must not be used again.
    pub(crate) unsafe fn remove(&self, link: NonNull<Link>) {
        // SAFETY: `as_ref` requires a live link: RING-LINKED says so of each link in the ring, and
        // the caller says that this one is there (1).
        let link = unsafe { link.as_ref() };
        let (next, prev) = (link.next.get(), link.prev.get());
        // SAFETY: a reference requires a live link: RING-LINKED says so of the neighbours.
        unsafe { &*prev }.next.set(next);
        // SAFETY: a reference requires a live link: RING-LINKED says so of the neighbours.
        unsafe { &*next }.prev.set(prev);
    }

    /// Whether the ring has no links.
    ///
    /// Context: any context.
    pub(crate) fn is_empty(&self) -> bool {
        ptr::eq(self.end_link().next.get(), self.end())
    }

    /// The oldest link.
    ///
    /// Context: any context.
    pub(crate) fn oldest(&self) -> Option<NonNull<Link>> {
        let oldest = self.end_link().next.get();
        if ptr::eq(oldest, self.end()) {
            return None;
        }
        NonNull::new(oldest.cast_mut())
    }

    /// The links, the newest first.
    ///
    /// Context: any context.
    pub(crate) fn newest_first(&self) -> NewestFirst<'_> {
        NewestFirst {
            ring: self,
            at: self.end(),
        }
    }
}

/// An iterator over a [`Ring`]. `at` is the end, or the link that was returned last.
pub(crate) struct NewestFirst<'a> {
    ring: &'a Ring,
    at: *const Link,
}

impl Iterator for NewestFirst<'_> {
    type Item = NonNull<Link>;

    fn next(&mut self) -> Option<NonNull<Link>> {
        // SAFETY: a reference requires a live link. `at` is the end, or a link that was in the ring
        // and was not removed since (`remove`, 2), so RING-LINKED says so.
        let older = unsafe { &*self.at }.prev.get();
        if ptr::eq(older, self.ring.end()) {
            return None;
        }
        self.at = older;
        NonNull::new(older.cast_mut())
    }
}

#[macros::kunit_tests(lifebound_ring)]
mod tests {
    use super::*;
    use pin_init::stack_pin_init;

    #[repr(C)]
    struct Numbered {
        link: Link,
        number: u32,
    }

    fn numbered(number: u32) -> Numbered {
        Numbered {
            link: Link::new(),
            number,
        }
    }

    /// The pointer has the provenance of the whole value.
    fn link(value: &Numbered) -> NonNull<Link> {
        NonNull::from(value).cast()
    }

    /// The numbers of the values in the ring, as digits of one number, the newest first.
    fn digits(ring: &Ring) -> u32 {
        ring.newest_first().fold(0, |digits, link| {
            // SAFETY: `as_ref` requires a live `Numbered`: each test adds only such values, which
            // live as long as the ring.
            digits * 10 + unsafe { link.cast::<Numbered>().as_ref() }.number
        })
    }

    #[test]
    fn links_are_in_order_of_addition() {
        let values = [numbered(1), numbered(2), numbered(3)];
        stack_pin_init!(let ring = Ring::new());
        assert!(ring.is_empty() && ring.oldest().is_none());
        assert_eq!(digits(&ring), 0);
        for value in &values {
            // SAFETY: `add` requires a link in no ring that stays alive: each value is added once,
            // and outlives the last use of the ring.
            unsafe { ring.add(link(value)) };
        }
        assert!(!ring.is_empty());
        assert_eq!(digits(&ring), 321);
        assert_eq!(ring.oldest(), Some(link(&values[0])));
    }

    #[test]
    fn any_link_may_be_removed_and_added_again() {
        let values = [numbered(1), numbered(2), numbered(3)];
        stack_pin_init!(let ring = Ring::new());
        // SAFETY: `add` requires a live link in no ring, `remove` one in this ring: a value is
        // added only while it is not in the ring, and removed while it is. All values outlive the
        // last use of the ring.
        unsafe {
            for value in &values {
                ring.add(link(value));
            }
            ring.remove(link(&values[1]));
            assert_eq!(digits(&ring), 31);
            ring.add(link(&values[1]));
            assert_eq!(digits(&ring), 231);
            ring.remove(link(&values[1]));
            ring.remove(link(&values[0]));
            assert_eq!(digits(&ring), 3);
            ring.remove(link(&values[2]));
        }
        assert!(ring.is_empty());
        assert_eq!(digits(&ring), 0);
    }

    #[test]
    fn a_link_may_change_its_ring() {
        let value = numbered(7);
        stack_pin_init!(let one = Ring::new());
        stack_pin_init!(let two = Ring::new());
        // SAFETY: `add` requires a live link in no ring, `remove` one in this ring: the value is in
        // one ring at a time, and outlives the last use of both.
        unsafe {
            one.add(link(&value));
            one.remove(link(&value));
            two.add(link(&value));
        }
        assert!(one.is_empty());
        assert_eq!(digits(&two), 7);
    }
}
