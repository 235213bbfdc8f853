// SPDX-License-Identifier: GPL-2.0

//! Scopes: a scope owns the registrations that call back into a driver, and ends them in time.
//!
//! This is the part of Lifebound's `scope` that Linux's crate can carry. Linux's driver core owns
//! the driver's data and always drops it. Here that data is an [`Attached`]: a scope, and the
//! driver's own data behind it. So the scope ends first, right after `unbind` has returned.
//!
//! An entry is ended and its data dropped before the entry made before it is ended. Lifebound's own
//! scopes end all entries before they drop the data of the first.

use core::{
    marker::{PhantomData, PhantomPinned},
    ops::Deref,
    pin::Pin,
};

use ::kernel::{
    device::{Bound, Device},
    prelude::*,
    sync::{Arc, LockClassKey, Mutex, MutexGuard},
};

/// A scope: it owns registrations whose data may borrow for `'x`.
///
/// # Invariants
///
/// SCOPE-DRAINED: the scope is drained, and closed for good, before anything that lives for `'x`
/// ends or the device is unbound. Until then the scope stays in place.
#[pin_data(PinnedDrop)]
pub struct Scope<'x> {
    #[pin]
    entries: Locked<Entries<'x>>,
    device: *const Device<Bound>,
    /// Invariant: a scope for `'x` is neither one for a longer lifetime nor one for a shorter one.
    _lifetime: PhantomData<fn(&'x ()) -> &'x ()>,
}

/// A value under a lock. `new_mutex!` would make a static key in this crate, of which no object is
/// linked.
#[pin_data]
struct Locked<T> {
    // Fields are dropped in this order.
    #[pin]
    value: Mutex<T>,
    #[pin]
    key: LockClassKey,
}

impl<T> Locked<T> {
    fn new(value: T) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            key <- LockClassKey::new_dynamic(),
            value <- {
                let key = core::ptr::from_ref::<LockClassKey>(key.as_ref().get_ref());
                // SAFETY: the reference requires a key that lives and stays in place; C uses it as
                // long as there is the lock, which is dropped before the key.
                Mutex::new(value, c"lifebound", unsafe { Pin::new_unchecked(&*key) })
            },
        })
    }

    fn lock(&self) -> MutexGuard<'_, T> {
        self.value.lock()
    }
}

/// The entries, the newest last.
struct Entries<'x> {
    closed: bool,
    list: KVec<Arc<dyn End + 'x>>,
}

// SAFETY: `Send` requires that any thread may own the value: entries are `Send`, and a bound device
// may be used on any thread.
unsafe impl Send for Scope<'_> {}

// SAFETY: `Sync` requires that threads may share the value: a lock guards the entries, and a bound
// device may be used on any thread.
unsafe impl Sync for Scope<'_> {}

impl<'x> Scope<'x> {
    /// Makes `f` run when the scope ends. `f` runs after everything that is entered later has
    /// ended, and before anything that was entered earlier ends. `f` may sleep.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - `ENOMEM`.
    /// - `ENODEV` if the scope is ending.
    ///
    /// `f` is dropped then, and does not run.
    pub fn at_end<F: FnOnce() + Send + 'x>(&self, f: F) -> Result {
        self.keep(AtEnd(f)).map(Handle::detach)
    }

    /// The device whose binding the scope is part of.
    ///
    /// Context: any context.
    pub fn device(&self) -> &'x Device<Bound> {
        // SAFETY: the reference requires a device that is bound for `'x`: SCOPE-DRAINED says that
        // everything of `'x` ends before the device is unbound.
        unsafe { &*self.device }
    }

    /// Makes `value` an entry. It ends with the scope, or when the handle is dropped.
    ///
    /// # Errors
    ///
    /// - `ENOMEM`.
    /// - `ENODEV` if the scope is ending.
    ///
    /// `value` is dropped then.
    pub(crate) fn keep<T: Entry + Send + 'x>(&self, value: T) -> Result<Handle<'x>> {
        let value = KBox::new(value, GFP_KERNEL)?;
        let slot = try_pin_init!(Slot { value <- Locked::new(Some(value)) });
        let slot: Arc<Slot<T>> = Arc::pin_init(slot, GFP_KERNEL)?;
        let entry: Arc<dyn End + 'x> = slot;
        let kept = {
            let mut entries = self.entries.lock();
            if entries.closed {
                Err(ENODEV)
            } else {
                let pushed = entries.list.push(entry.clone(), GFP_KERNEL);
                pushed.map_err(Error::from)
            }
        };
        // If it failed, this drops the value, which nobody else has.
        kept.map(|()| Handle(Some(entry)))
    }

    fn end(&self) {
        loop {
            let last = {
                let mut entries = self.entries.lock();
                entries.closed = true;
                entries.list.pop()
            };
            let Some(last) = last else { return };
            last.end();
        }
    }
}

#[pinned_drop]
impl PinnedDrop for Scope<'_> {
    fn drop(self: Pin<&mut Self>) {
        self.as_ref().get_ref().end();
    }
}

/// A value that a scope can own.
pub(crate) trait Entry {
    /// Ends it. A value that is dropped without this call has not been in a scope.
    fn end(self);
}

struct AtEnd<F>(F);

impl<F: FnOnce()> Entry for AtEnd<F> {
    fn end(self) {
        (self.0)();
    }
}

/// Ends an entry that several may have; the second call does nothing.
trait End: Send + Sync {
    fn end(&self);
}

#[pin_data]
struct Slot<T> {
    #[pin]
    value: Locked<Option<KBox<T>>>,
}

impl<T: Entry + Send> End for Slot<T> {
    /// The lock is held until the entry has ended. So when this returns, it has, even if another
    /// thread has begun to end it.
    fn end(&self) {
        let mut value = self.value.lock();
        if let Some(value) = value.take() {
            KBox::into_inner(value).end();
        }
    }
}

/// An entry of a scope, for its maker. Dropping it ends the entry early; forgetting it changes
/// nothing.
pub(crate) struct Handle<'x>(Option<Arc<dyn End + 'x>>);

impl Handle<'_> {
    /// Leaves the entry to the scope.
    pub(crate) fn detach(mut self) {
        self.0 = None;
    }
}

impl Drop for Handle<'_> {
    fn drop(&mut self) {
        if let Some(entry) = self.0.take() {
            entry.end();
        }
    }
}

/// A driver's data `D`, with the scope whose entries may borrow from it.
///
/// # Invariants
///
/// ATTACHED: the scope is for a lifetime that ends when the scope is dropped. The scope is dropped
/// before the data. Neither moves, and `data` is not mutably borrowed as long as there is the
/// scope.
#[doc(hidden)]
#[pin_data]
pub struct Attached<D> {
    // Fields are dropped in this order.
    #[pin]
    scope: Scope<'static>,
    #[pin]
    data: D,
    /// Entries share `data` while a `&mut Self` exists, as during the drop.
    #[pin]
    _shared: PhantomPinned,
}

impl<D> Attached<D> {
    /// Builds the data, and calls `attach` with it.
    pub fn new<'bound>(
        device: &'bound Device<Bound>,
        data: impl PinInit<D, Error> + 'bound,
        attach: impl for<'x> FnOnce(Pin<&'x D>, &'x Scope<'x>) -> Result + 'bound,
    ) -> impl PinInit<Self, Error> + 'bound
    where
        D: 'bound,
    {
        let device = core::ptr::from_ref(device);
        try_pin_init!(Self {
            data <- data,
            // A failure drops what was built, the last first: the scope, then the data.
            scope <- try_pin_init!(Scope {
                entries <- Locked::new(Entries { closed: false, list: KVec::new() }),
                device,
                _lifetime: PhantomData,
            }),
            _shared: PhantomPinned,
            _: {
                let data = core::ptr::from_ref::<D>(data.as_ref().get_ref());
                let scope = core::ptr::from_ref::<Scope<'static>>(scope.as_ref().get_ref());
                // INVARIANT: SCOPE-DRAINED, ATTACHED: both are in place, and `scope` is dropped
                // first. The driver core drops the whole before the device is unbound.
                // SAFETY: the references require values that live, and are not mutably borrowed,
                // until their lifetime ends. That lifetime is fresh in `attach`: only entries of
                // the scope can keep references of it, and the scope ends them first.
                let (data, scope) = unsafe { (&*data, &*scope.cast::<Scope<'_>>()) };
                // SAFETY: `new_unchecked` requires that the value not move: ATTACHED.
                attach(unsafe { Pin::new_unchecked(data) }, scope)?;
            },
        })
    }

    /// The driver's own data.
    pub fn data(self: Pin<&Self>) -> Pin<&D> {
        // SAFETY: `map_unchecked` requires that the field not move while the whole does not:
        // ATTACHED.
        unsafe { self.map_unchecked(|attached| &attached.data) }
    }
}

impl<D> Deref for Attached<D> {
    type Target = D;

    fn deref(&self) -> &D {
        &self.data
    }
}
