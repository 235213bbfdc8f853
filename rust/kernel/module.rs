// SPDX-License-Identifier: GPL-2.0

//! The kernel module that a driver is: its entry, its exit, and its identity.
//!
//! C header: [`include/linux/module.h`](srctree/include/linux/module.h).
//!
//! A driver author writes a type that implements [`Module`] (or [`InPlaceModule`], if the type must
//! not move), and names it in `module!`. The type's value is built when the module is loaded and
//! dropped when it is unloaded. [`ThisModule`] is the handle that C structures take as their owner;
//! [`this_module`] finds it from the `LocalModule` type that `module!` makes.
//!
//! Neighbours: [`module_param`](crate::module_param) for parameters, [`driver`](crate::driver) for
//! modules that only register a driver.

use core::{
    cell::UnsafeCell,
    mem::MaybeUninit,
    sync::atomic::{AtomicU8, Ordering},
};

use pin_init::PinInit;

use crate::bindings;
use crate::error::{Error, Result, code};
use crate::ffi::c_int;
use crate::module_scope;
use crate::str::CStr;

/// A type that is a kernel module, as a plain value.
///
/// The value lives from the end of loading until unloading; dropping it must undo what
/// [`init`](Self::init) did.
pub trait Module: Sized + Sync + Send {
    /// Starts the module.
    ///
    /// Runs once, in process context, and may sleep. `module` is this module's own handle.
    ///
    /// # Errors
    ///
    /// Any error makes loading fail with that errno; the module's memory is then freed, so nothing
    /// may stay registered. If a program has opened a file of the module's by then, loading waits
    /// until it is closed.
    fn init(module: &'static ThisModule) -> Result<Self>;
}

/// A type that is a kernel module, and is built where it stays.
///
/// For modules that hold something that must not move, such as a driver registration. Every
/// [`Module`] is one.
pub trait InPlaceModule: Sync + Send {
    /// Gives the initialiser that starts the module.
    ///
    /// Runs once, in process context, and may sleep. `module` is this module's own handle.
    ///
    /// # Errors
    ///
    /// An error of the initialiser makes loading fail with that errno; the module's memory is then
    /// freed, so nothing may stay registered.
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error>;
}

impl<T: Module> InPlaceModule for T {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        let start = move |slot: *mut Self| {
            let value = <T as Module>::init(module)?;
            // SAFETY: `write` wants a pointer valid for writes and aligned for `T`.
            // `pin_init_from_closure` passes its slot on, and `__pinned_init` demands exactly that
            // of the slot.
            unsafe { slot.write(value) };
            Ok(())
        };
        // SAFETY: `pin_init_from_closure` wants the slot initialised on `Ok`, and in need of no
        // drop on `Err`. The closure writes the slot as its last step before `Ok`, and not at all
        // before `Err`.
        unsafe { pin_init::pin_init_from_closure(start) }
    }
}

/// What `module!` tells about the module at hand; implemented by its `LocalModule`.
pub trait ModuleMetadata {
    /// The name of the module, as `lsmod` shows it.
    const NAME: &'static CStr;

    /// The handle of the module.
    const THIS_MODULE: ThisModule;
}

/// Gives the handle of the module that `M` describes.
///
/// `M` is the driver's `LocalModule`. May be called in any context.
#[must_use]
pub const fn this_module<M: ModuleMetadata>() -> &'static ThisModule {
    const { &M::THIS_MODULE }
}

/// The handle of a loaded module: `THIS_MODULE` of C.
///
/// Holding one does not keep the module loaded.
///
/// # Invariants
///
/// The pointer is null (code that is no module) or points to the `struct module` that holds the
/// code which names it, so that it is live whenever that code runs.
pub struct ThisModule(*mut bindings::module);

// SAFETY: `Send` wants a use from another task to be sound. The handle only gives its address away.
unsafe impl Send for ThisModule {}

// SAFETY: `Sync` wants shared use to be sound. The handle never changes and only gives its address
// away.
unsafe impl Sync for ThisModule {}

impl ThisModule {
    /// Makes a handle from the address of a module.
    ///
    /// # Safety
    ///
    /// `ptr` is null, or points to the `struct module` of the module that contains the calling
    /// code.
    #[must_use]
    pub const unsafe fn from_ptr(ptr: *mut bindings::module) -> ThisModule {
        // INVARIANT: the caller promises it.
        ThisModule(ptr)
    }

    /// Gives the address of the module, for the `owner` fields of C structures. May be null.
    #[must_use]
    pub const fn as_ptr(&self) -> *mut bindings::module {
        self.0
    }
}

/// Waits until nobody but the loading itself has a reference to the module. C frees a module whose
/// start failed without looking, and somebody may have opened a file meanwhile. May sleep.
fn wait_until_unused() {
    #[cfg(target_os = "none")]
    // SAFETY: the shim looks at the module that it is linked into; this is a context that may sleep.
    unsafe {
        bindings::lb_module_wait_until_unused()
    };
}

/// Nothing is stored.
const EMPTY: u8 = 0;
/// A value is being built or dropped.
const BUSY: u8 = 1;
/// A value is stored.
const LIVE: u8 = 2;

/// The place where the value of a module type lives; made by `module!`, once per module.
///
/// # Invariants
///
/// `value` is initialised while `state` is [`LIVE`]. Whoever changed `state` to [`BUSY`] has
/// `value` to itself until it changes `state` again.
#[doc(hidden)]
pub struct ModuleSlot<T> {
    state: AtomicU8,
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: `Sync` wants shared use to be sound. A slot lends its value to nobody: it only builds and
// drops it, one caller at a time by the invariant on `state`. These two may happen on different
// tasks, which `T: Send` allows.
unsafe impl<T: Send> Sync for ModuleSlot<T> {}

impl<T: InPlaceModule> ModuleSlot<T> {
    /// Makes an empty slot.
    ///
    /// # Safety
    ///
    /// If [`start`](Self::start) returned 0, [`stop`](Self::stop) is called before the memory of
    /// the calling module is freed. (A value that registers callbacks would leave them behind.)
    #[must_use]
    pub const unsafe fn new() -> Self {
        // INVARIANT: nothing is stored, and `state` says so.
        Self {
            state: AtomicU8::new(EMPTY),
            value: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// Builds the value; the body of `init_module()`.
    ///
    /// Returns 0, or a negative errno: that of the initialiser, or `-EBUSY` if a value is there
    /// already. After an error the slot is as it was, what the initialiser registered and leaked
    /// is registered no more, and nobody uses the module. Process context, may sleep.
    pub fn start(&'static self, module: &'static ThisModule) -> c_int {
        if !self.claim(EMPTY) {
            return code::EBUSY.to_errno();
        }
        let slot = self.value.get().cast::<T>();
        // SAFETY: `__pinned_init` wants memory valid for writes that nobody else uses, not read on
        // `Err`, and pinned on `Ok`. The slot is a static, which never moves; `claim` made it ours;
        // only `stop` gives its memory up, after dropping the value.
        let built = unsafe { T::init(module).__pinned_init(slot) };
        // INVARIANT: `LIVE` is stored only after the initialiser has succeeded.
        match built {
            Ok(()) => {
                self.state.store(LIVE, Ordering::Release);
                0
            }
            Err(error) => {
                module_scope::end();
                wait_until_unused();
                self.state.store(EMPTY, Ordering::Release);
                error.to_errno()
            }
        }
    }

    /// Drops the value, if there is one; the body of `cleanup_module()`.
    ///
    /// Then ends what the module registered and leaked. Process context, may sleep.
    pub fn stop(&'static self) {
        if !self.claim(LIVE) {
            return;
        }
        // SAFETY: `drop_in_place` wants a pointer to a value that nobody else uses and that is not
        // used again. The state was `LIVE`, so the value is there; `claim` made it ours; `EMPTY`
        // below keeps everyone from using it again.
        unsafe { core::ptr::drop_in_place(self.value.get().cast::<T>()) };
        module_scope::end();
        // INVARIANT: the value is gone, and `state` says so.
        self.state.store(EMPTY, Ordering::Release);
    }

    /// Changes `state` from `expected` to [`BUSY`]; tells whether it did.
    fn claim(&self, expected: u8) -> bool {
        self.state
            .compare_exchange(expected, BUSY, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }
}

#[macros::kunit_tests(lifebound_module)]
mod tests {
    use super::*;
    use core::sync::atomic::AtomicUsize;

    static DROPS: AtomicUsize = AtomicUsize::new(0);

    struct Counted<const OK: bool>;

    impl<const OK: bool> Module for Counted<OK> {
        fn init(_module: &'static ThisModule) -> Result<Self> {
            if OK { Ok(Self) } else { Err(code::ENODEV) }
        }
    }

    impl<const OK: bool> Drop for Counted<OK> {
        fn drop(&mut self) {
            DROPS.fetch_add(1, Ordering::Relaxed);
        }
    }

    // SAFETY: `from_ptr` wants null or our own module; it is null.
    static NO_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };

    #[test]
    fn value_lives_from_start_to_stop_and_errors_leave_nothing() {
        // SAFETY: `new` wants a `stop` before this code goes away; the process ends first or the
        // test calls it.
        static GOOD: ModuleSlot<Counted<true>> = unsafe { ModuleSlot::new() };
        // SAFETY: as above; this one never starts.
        static BAD: ModuleSlot<Counted<false>> = unsafe { ModuleSlot::new() };

        assert_eq!(BAD.start(&NO_MODULE), code::ENODEV.to_errno());
        BAD.stop();
        assert_eq!(DROPS.load(Ordering::Relaxed), 0);

        GOOD.stop();
        assert_eq!(DROPS.load(Ordering::Relaxed), 0);
        assert_eq!(GOOD.start(&NO_MODULE), 0);
        assert_eq!(GOOD.start(&NO_MODULE), code::EBUSY.to_errno());
        assert_eq!(DROPS.load(Ordering::Relaxed), 0);
        GOOD.stop();
        GOOD.stop();
        assert_eq!(DROPS.load(Ordering::Relaxed), 1);
        assert_eq!(GOOD.start(&NO_MODULE), 0);
        GOOD.stop();
        assert_eq!(DROPS.load(Ordering::Relaxed), 2);
    }
}
