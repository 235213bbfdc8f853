// SPDX-License-Identifier: GPL-2.0

//! [`GlobalLock`]: a lock in a `static`, for state that all of a module shares.

use core::cell::UnsafeCell;
use core::ffi::CStr;
use core::mem::MaybeUninit;
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU8, Ordering};

use core::pin::Pin;

use pin_init::PinInit;

use super::{Backend, Guard, Lock};
use crate::bindings;
use crate::ffi;
use crate::sync::LockClassKey;

/// The lock does not exist yet.
const NEW: u8 = 0;
/// A thread makes the lock.
const BUSY: u8 = 1;
/// The lock exists.
const READY: u8 = 2;

/// A kind of lock that a `static` can be: `Mutex<T>`, `SpinLock<T>` or `SpinLockIrq<T>`.
pub trait LockType: private::Sealed {
    /// The data in the lock.
    type Data: Send + Unpin + 'static;

    /// How the lock is acquired.
    type Backend: Backend + 'static;
}

impl<T: Send + Unpin + 'static, B: Backend + 'static> LockType for Lock<T, B> {
    type Data = T;
    type Backend = B;
}

mod private {
    pub trait Sealed {}

    impl<T, B: super::Backend> Sealed for super::Lock<T, B> {}
}

/// A lock in a `static`: [`global_lock!`](crate::sync::global_lock) makes it.
///
/// The lock is ready when it is first used, and needs no step in the module's `init`. When the
/// module ends, the data goes back to the value that it began with, so what it owned is dropped.
/// All that the module has registered is gone by then. What such a drop registers is ended
/// afterwards. If a guard was forgotten, the data stays and its memory is lost.
///
/// In Linux 7.3, the lock has to be made by an `unsafe` call before its first use.
///
/// # Invariants
///
/// - GLOBAL-READY: while `state` is `READY`, `lock` is an initialised lock of this static, which is
///   only shared.
/// - `site` is in the module's list once, from the first use on.
#[repr(C)]
pub struct GlobalLock<L: LockType> {
    /// First, so that the list leads to the whole.
    site: Site,
    state: AtomicU8,
    lock: UnsafeCell<MaybeUninit<Lock<L::Data, L::Backend>>>,
    initial: fn() -> L::Data,
    name: &'static CStr,
    class: LockClassKey,
}

// SAFETY: `Sync` requires that shared use is sound. `state` decides which thread writes `lock`, and
// the lock itself is `Sync` for data that is `Send`, as `LockType` requires. The rest never
// changes, or is atomic.
unsafe impl<L: LockType> Sync for GlobalLock<L> {}

impl<L: LockType + 'static> GlobalLock<L> {
    /// Makes a lock whose data begin as `initial` says.
    ///
    /// # Safety
    ///
    /// The result must be the value of a `static`.
    #[doc(hidden)]
    pub const unsafe fn new(initial: fn() -> L::Data, name: &'static CStr) -> Self {
        Self {
            site: Site {
                next: AtomicPtr::new(ptr::null_mut()),
                empty: Self::empty,
            },
            state: AtomicU8::new(NEW),
            lock: UnsafeCell::new(MaybeUninit::uninit()),
            initial,
            name,
            // SAFETY: `new_static` requires the value of a `static`: the caller promises it.
            class: unsafe { LockClassKey::new_static() },
        }
    }

    /// Makes the lock now, and not when it is first used. Does nothing if the lock is there.
    ///
    /// Linux 7.3 demands this call before the first use, and `unsafe` around it.
    ///
    /// Context: any context.
    pub fn init(&'static self) {
        self.ready();
    }

    /// Waits until the lock is free and acquires it.
    ///
    /// Context: that of the lock's kind. A thread that already holds the lock waits for ever.
    pub fn lock(&'static self) -> Guard<'static, L::Data, L::Backend> {
        self.ready().lock()
    }

    /// Acquires the lock if it is free, and otherwise returns at once.
    ///
    /// Context: that of the lock's kind, but never sleeps or spins.
    #[must_use = "if unused, the lock is given back at once"]
    pub fn try_lock(&'static self) -> Option<Guard<'static, L::Data, L::Backend>> {
        self.ready().try_lock()
    }

    /// The lock, which is made if this is the first use.
    fn ready(&'static self) -> &'static Lock<L::Data, L::Backend> {
        if self.state.load(Ordering::Acquire) != READY {
            self.begin();
        }
        // SAFETY: a reference requires an initialised lock that is only shared: GLOBAL-READY.
        unsafe { &*self.lock.get().cast() }
    }

    /// Makes the lock, or waits for the thread that does.
    #[cold]
    fn begin(&'static self) {
        // An interrupt handler of this CPU would wait for ever for the thread that it interrupts.
        let _off = InterruptsOff::new();
        let claimed = self
            .state
            .compare_exchange(NEW, BUSY, Ordering::Acquire, Ordering::Acquire);
        if claimed.is_err() {
            while self.state.load(Ordering::Acquire) != READY {
                core::hint::spin_loop();
            }
            return;
        }
        let lock = Lock::<L::Data, L::Backend>::new(
            (self.initial)(),
            self.name,
            Pin::static_ref(&self.class),
        );
        // SAFETY: `__pinned_init` requires memory that stays in place, and that nobody else uses: a
        // static's, which the thread that claimed it has to itself.
        let Ok(()) = unsafe { lock.__pinned_init(self.lock.get().cast()) };
        self.enter();
        // INVARIANT: GLOBAL-READY: it was initialised above.
        self.state.store(READY, Ordering::Release);
    }

    /// Puts this into the module's list.
    fn enter(&'static self) {
        // With the provenance of the whole.
        let site = ptr::from_ref(self).cast::<Site>().cast_mut();
        let mut first = SITES.load(Ordering::Relaxed);
        loop {
            self.site.next.store(first, Ordering::Relaxed);
            match SITES.compare_exchange_weak(first, site, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => first = now,
            }
        }
    }

    /// Puts the first value back, and drops the present one.
    ///
    /// # Safety
    ///
    /// `site` must be that of a `GlobalLock<L>` in the list.
    unsafe fn empty(site: *const Site) {
        // SAFETY: the caller promises a lock of this type, which is a static, and the list's
        // pointers have the provenance of the whole.
        let this: &'static Self = unsafe { &*site.cast() };
        // A forgotten guard may have lent its data for ever.
        let Some(mut data) = this.try_lock() else {
            return;
        };
        let last = core::mem::replace(&mut *data, (this.initial)());
        drop(data);
        drop(last);
    }
}

/// A lock in the module's list, whatever its type.
#[repr(C)]
struct Site {
    next: AtomicPtr<Site>,
    empty: unsafe fn(*const Site),
}

/// The locks of this module that were used, the newest first.
static SITES: AtomicPtr<Site> = AtomicPtr::new(ptr::null_mut());

/// Drops what the module's global locks own. Called when nothing else of the module runs or is
/// registered.
///
/// What a value puts into other locks while it is dropped is dropped as well, once.
///
/// Context: process context; may sleep.
pub(crate) fn end() {
    for _ in 0..2 {
        let mut site = SITES.load(Ordering::Acquire).cast_const();
        while !site.is_null() {
            // SAFETY: entries of the list are statics, which nothing removes.
            let entry = unsafe { &*site };
            // SAFETY: `empty` requires the site of a lock of its type; the two were put together in
            // `GlobalLock::new`.
            unsafe { (entry.empty)(site) };
            site = entry.next.load(Ordering::Relaxed).cast_const();
        }
    }
}

/// While this exists, its CPU has no interrupts.
struct InterruptsOff(ffi::c_ulong);

impl InterruptsOff {
    fn new() -> Self {
        // SAFETY: `local_irq_save()` requires nothing.
        Self(unsafe { bindings::lb_local_irq_save() })
    }
}

impl Drop for InterruptsOff {
    fn drop(&mut self) {
        // SAFETY: the shim requires the state that was saved on this CPU; with interrupts off, the
        // thread has not left it.
        unsafe { bindings::lb_local_irq_restore(self.0) }
    }
}

/// Makes locks that are `static`: `global_lock! { static NAME: Mutex<T> = value; }`.
///
/// `value` is evaluated while compiling. The lock needs no step in the module's `init`; see
/// [`GlobalLock`](crate::sync::GlobalLock). Kinds of locks are `Mutex`, `SpinLock` and
/// `SpinLockIrq`. The words `unsafe(uninit)` of Linux 7.3 may stand before `static`, and change
/// nothing.
///
/// # Examples
///
/// ```no_run
/// use kernel::{prelude::*, sync::{Mutex, global_lock}};
///
/// global_lock! {
///     /// What has been written.
///     static LINES: Mutex<KVec<u8>> = KVec::new();
/// }
///
/// LINES.lock().push(b'x', GFP_KERNEL)?;
/// # Ok::<(), Error>(())
/// ```
#[macro_export]
#[doc(alias("DEFINE_MUTEX", "DEFINE_SPINLOCK"))]
macro_rules! global_lock {
    ($(
        $(#[$attr:meta])* $vis:vis $(unsafe(uninit))? static $name:ident: $lock:ty = $value:expr;
    )+) => { $(
        $(#[$attr])*
        $vis static $name: $crate::sync::GlobalLock<$lock> = {
            // The caller's tokens stay outside of what is unsafe.
            const fn initial() -> <$lock as $crate::sync::LockType>::Data {
                $value
            }
            // SAFETY: `new` requires the value of a `static`; it is the value of this one.
            unsafe {
                $crate::sync::GlobalLock::new(
                    initial,
                    $crate::optional_name!(@c $crate::__core::concat!($crate::__core::stringify!($name), "\0")),
                )
            }
        };
    )+ };
}

pub use global_lock;
