// SPDX-License-Identifier: GPL-2.0

//! [`UniqueArc`]: the only share.

use core::borrow::{Borrow, BorrowMut};
use core::fmt;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ops::{Deref, DerefMut};
use core::pin::Pin;
use core::ptr::NonNull;

use pin_init::{InPlaceWrite, Init, PinInit};

use super::{Arc, ArcInner, KBox};
use crate::alloc::{AllocError, Flags};
use crate::init::InPlaceInit;
use crate::sync::Refcount;

/// The only share of a value, which may therefore be changed, or not be initialised yet.
///
/// Converting it to an [`Arc`] neither allocates nor fails. So a caller can allocate where it may
/// sleep, and share the value under a lock.
///
/// Context: as for [`Arc`].
///
/// # Examples
///
/// ```no_run
/// use kernel::{prelude::*, sync::{Arc, UniqueArc}};
///
/// let mut list = UniqueArc::new([0_u8; 4], GFP_KERNEL)?;
/// list[2] = 9;
/// let list: Arc<_> = list.into();
/// assert_eq!(*list, [0, 0, 9, 0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `inner` is the only share of its value.
#[repr(transparent)]
pub struct UniqueArc<T: ?Sized> {
    inner: Arc<T>,
}

impl<T> UniqueArc<T> {
    /// Allocates memory and moves `value` there.
    ///
    /// Context: as `flags` allow.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no memory. `value` is dropped then.
    pub fn new(value: T, flags: Flags) -> Result<Self, AllocError> {
        // INVARIANT: the share was just made.
        Ok(Self {
            inner: Arc::new(value, flags)?,
        })
    }

    /// Allocates memory for a value that is made later.
    ///
    /// Context: as `flags` allow.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no memory.
    pub fn new_uninit(flags: Flags) -> Result<UniqueArc<MaybeUninit<T>>, AllocError> {
        let memory = KBox::<ArcInner<MaybeUninit<T>>>::new_uninit(flags)?;
        let inner = NonNull::from(KBox::leak(memory)).cast::<ArcInner<MaybeUninit<T>>>();
        // SAFETY: `&raw mut` requires a pointer into an allocation; `inner` was allocated above.
        let refcount = unsafe { &raw mut (*inner.as_ptr()).refcount };
        // SAFETY: `write` requires aligned memory that nobody else uses; `inner` was allocated
        // above.
        unsafe { refcount.write(Refcount::new(1)) };
        // SAFETY: `from_inner` requires an initialised `ArcInner` from `KBox` and a reference that
        // it counts. The counter was written above, and the data is a `MaybeUninit`.
        let inner = unsafe { Arc::from_inner(inner) };
        // INVARIANT: the share was just made.
        Ok(UniqueArc { inner })
    }
}

impl<T: ?Sized> UniqueArc<T> {
    /// Returns the address of the value.
    pub fn as_ptr(this: &Self) -> *const T {
        Arc::as_ptr(&this.inner)
    }

    /// Takes the only share over.
    ///
    /// # Safety
    ///
    /// `inner` must be the only share of its value.
    pub(super) unsafe fn new_unchecked(inner: Arc<T>) -> Self {
        // INVARIANT: this function's contract.
        Self { inner }
    }

    /// Turns the only share into a share like others.
    pub(super) fn into_shared(self) -> Arc<T> {
        self.inner
    }
}

impl<T> UniqueArc<MaybeUninit<T>> {
    /// Moves `value` into the memory.
    pub fn write(mut self, value: T) -> UniqueArc<T> {
        (*self).write(value);
        // SAFETY: `assume_init` requires an initialised value; it was written above.
        unsafe { self.assume_init() }
    }

    /// Declares the value initialised.
    ///
    /// # Safety
    ///
    /// The value is initialised.
    pub unsafe fn assume_init(self) -> UniqueArc<T> {
        let inner = ManuallyDrop::new(self.inner).ptr.cast::<ArcInner<T>>();
        // INVARIANT: it was the only share before.
        UniqueArc {
            // SAFETY: `from_inner` requires an initialised `ArcInner` and a reference that it
            // counts. The value is initialised by this function's contract, `MaybeUninit<T>` has
            // the layout of `T`, and the reference was that of `self`.
            inner: unsafe { Arc::from_inner(inner) },
        }
    }

    /// Runs an initialiser on the memory.
    ///
    /// # Errors
    ///
    /// The errors of `init`. The memory is freed then.
    pub fn init_with<E>(mut self, init: impl Init<T, E>) -> core::result::Result<UniqueArc<T>, E> {
        // SAFETY: `__init` requires memory for a `T` that nobody else uses; this is the only share.
        unsafe { init.__init(self.as_mut_ptr()) }?;
        // SAFETY: `assume_init` requires an initialised value; `__init` returned `Ok`.
        Ok(unsafe { self.assume_init() })
    }

    /// Runs an initialiser of a pinned value on the memory.
    ///
    /// # Errors
    ///
    /// The errors of `init`. The memory is freed then.
    pub fn pin_init_with<E>(
        mut self,
        init: impl PinInit<T, E>,
    ) -> core::result::Result<Pin<UniqueArc<T>>, E> {
        // SAFETY: `__pinned_init` requires memory for a `T` that nobody else uses, and that is
        // pinned after `Ok`. This is the only share, and it is returned in a `Pin`.
        unsafe { init.__pinned_init(self.as_mut_ptr()) }?;
        // SAFETY: `assume_init` requires an initialised value; `__pinned_init` returned `Ok`.
        Ok(unsafe { self.assume_init() }.into())
    }
}

impl<T> InPlaceWrite<T> for UniqueArc<MaybeUninit<T>> {
    type Initialized = UniqueArc<T>;

    fn write_init<E>(self, init: impl Init<T, E>) -> Result<Self::Initialized, E> {
        self.init_with(init)
    }

    fn write_pin_init<E>(self, init: impl PinInit<T, E>) -> Result<Pin<Self::Initialized>, E> {
        self.pin_init_with(init)
    }
}

impl<T> InPlaceInit<T> for UniqueArc<T> {
    type PinnedSelf = Pin<Self>;

    fn try_pin_init<E>(init: impl PinInit<T, E>, flags: Flags) -> Result<Self::PinnedSelf, E>
    where
        E: From<AllocError>,
    {
        UniqueArc::new_uninit(flags)?.pin_init_with(init)
    }

    fn try_init<E>(init: impl Init<T, E>, flags: Flags) -> Result<Self, E>
    where
        E: From<AllocError>,
    {
        UniqueArc::new_uninit(flags)?.init_with(init)
    }
}

impl<T: ?Sized> From<UniqueArc<T>> for Pin<UniqueArc<T>> {
    fn from(unique: UniqueArc<T>) -> Self {
        // SAFETY: `new_unchecked` requires that the value does not move until it is dropped. A
        // `UniqueArc` moves without its value. The pinned one is only turned into an `Arc`, where
        // the value does not move either.
        unsafe { Pin::new_unchecked(unique) }
    }
}

impl<T: ?Sized> Deref for UniqueArc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: ?Sized> DerefMut for UniqueArc<T> {
    fn deref_mut(&mut self) -> &mut T {
        let inner = self.inner.ptr.as_ptr();
        // SAFETY: dereferencing requires a live value that nobody else accesses. It is live by the
        // invariant of `Arc`, and this is the only share, borrowed exclusively.
        unsafe { &mut (*inner).data }
    }
}

impl<T: ?Sized> Borrow<T> for UniqueArc<T> {
    fn borrow(&self) -> &T {
        self
    }
}

impl<T: ?Sized> BorrowMut<T> for UniqueArc<T> {
    fn borrow_mut(&mut self) -> &mut T {
        self
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for UniqueArc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + crate::fmt::Display> crate::fmt::Display for UniqueArc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for UniqueArc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
