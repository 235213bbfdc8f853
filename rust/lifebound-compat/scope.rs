// SPDX-License-Identifier: GPL-2.0

//! Scopes: a scope owns the registrations that call back into a driver, and ends them in time.
//!
//! This is the part of Lifebound's `scope` that Linux's crate can carry. Linux's driver core owns
//! the driver's data and always drops it. Here that data is an [`Attached`]: a scope, and the
//! driver's own data behind it. So the scope ends first, right after `unbind` has returned.
//!
//! Safe code could build an [`Attached`] elsewhere and forget it. So the device's managed resources
//! have the list of entries as well: what is left of them ends when those are released.
//!
//! An entry is ended and its data dropped before the entry made before it is ended. Lifebound's own
//! scopes end all entries before they drop the data of the first.

use core::{
    marker::{PhantomData, PhantomPinned},
    mem::transmute,
    ops::Deref,
    pin::Pin,
};

use ::kernel::{
    device::{Bound, Device},
    devres,
    prelude::*,
    sync::{Arc, LockClassKey, Mutex, MutexGuard},
};

/// A scope: it owns registrations whose data may borrow for `'x`.
///
/// # Invariants
///
/// SCOPE-DRAINED: the list is drained, and closed for good, before anything that lives for `'x`
/// ends or the device is unbound.
pub struct Scope<'x> {
    list: Arc<List>,
    device: *const Device<Bound>,
    /// Invariant: a scope for `'x` is neither one for a longer lifetime nor one for a shorter one.
    _lifetime: PhantomData<fn(&'x ()) -> &'x ()>,
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
        // SAFETY: a longer lifetime requires that nothing of `'x` be used after it: the list is
        // drained before `'x` ends (SCOPE-DRAINED), and an entry that has ended has no value.
        let listed = unsafe { transmute::<Arc<dyn End + 'x>, Arc<dyn End>>(entry.clone()) };
        // If this fails, it drops the value, which nobody else has.
        self.list.push(listed)?;
        Ok(Handle(Some(entry)))
    }
}

impl Drop for Scope<'_> {
    fn drop(&mut self) {
        self.list.end();
    }
}

/// The entries of a scope.
#[pin_data]
struct List {
    #[pin]
    entries: Locked<Entries>,
    /// Held while the list is drained.
    #[pin]
    ending: Locked<()>,
}

/// The entries, the newest last.
struct Entries {
    closed: bool,
    list: KVec<Arc<dyn End>>,
}

impl List {
    fn new() -> Result<Arc<Self>> {
        let entries = Entries {
            closed: false,
            list: KVec::new(),
        };
        let list = try_pin_init!(Self {
            entries <- Locked::new(entries),
            ending <- Locked::new(()),
        });
        Arc::pin_init(list, GFP_KERNEL)
    }

    fn push(&self, entry: Arc<dyn End>) -> Result {
        let mut entries = self.entries.lock();
        if entries.closed {
            return Err(ENODEV);
        }
        entries.list.push(entry, GFP_KERNEL)?;
        Ok(())
    }

    /// Ends all entries, the newest first. They have ended when this returns, even if another
    /// thread has begun to end them.
    fn end(&self) {
        let _ending = self.ending.lock();
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

/// Ends what is left of a list when the device's managed resources are released.
struct Backstop(Arc<List>);

impl Drop for Backstop {
    fn drop(&mut self) {
        self.0.end();
    }
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
/// before the data. The data does not move, and is not mutably borrowed as long as there is the
/// scope.
#[doc(hidden)]
#[pin_data]
pub struct Attached<D> {
    // Fields are dropped in this order.
    scope: Scope<'static>,
    #[pin]
    data: D,
    /// Entries share `data` while a `&mut Self` exists, as during the drop.
    #[pin]
    _shared: PhantomPinned,
}

impl<D> Attached<D> {
    /// Builds the data, and calls `attach` with it.
    pub(crate) fn new<'bound>(
        device: &'bound Device<Bound>,
        data: impl PinInit<D, Error> + 'bound,
        attach: impl for<'x> FnOnce(Pin<&'x D>, &'x Scope<'x>) -> Result + 'bound,
    ) -> impl PinInit<Self, Error> + 'bound
    where
        D: 'bound,
    {
        pin_init::pin_init_scope(move || {
            let list = List::new()?;
            devres::register(device, Backstop(list.clone()), GFP_KERNEL)?;
            Ok(try_pin_init!(Self {
                data <- data,
                // A failure drops what was built, the last first: the scope, then the data.
                scope: Scope { list, device, _lifetime: PhantomData },
                _shared: PhantomPinned,
                _: {
                    let data = core::ptr::from_ref::<D>(data.as_ref().get_ref());
                    let scope = core::ptr::from_ref::<Scope<'static>>(scope);
                    // INVARIANT: SCOPE-DRAINED, ATTACHED: the data is in place. The scope is
                    // dropped before it, or the data is never dropped and its memory stays, and
                    // `Backstop` drains the list before the device is unbound.
                    // SAFETY: the references require values that live, and are not mutably
                    // borrowed, until their lifetime ends. That lifetime is fresh in `attach`: only
                    // entries of the scope can keep references of it, and they end first.
                    let (data, scope) = unsafe { (&*data, &*scope.cast::<Scope<'_>>()) };
                    // SAFETY: `new_unchecked` requires that the value not move: ATTACHED.
                    attach(unsafe { Pin::new_unchecked(data) }, scope)?;
                },
            }))
        })
    }

    /// The driver's own data.
    pub(crate) fn data(self: Pin<&Self>) -> Pin<&D> {
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
