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
/// The value lives from the end of loading until unloading. Dropping it must undo the actions of
/// [`init`](Self::init).
#[doc(alias("module_init", "module_exit"))]
pub trait Module: Sized + Sync + Send {
    /// Starts the module.
    ///
    /// Runs once, in process context, and may sleep. `module` is this module's own handle.
    ///
    /// # Errors
    ///
    /// Any error makes loading fail with that errno. The memory of the module is then freed, so
    /// nothing may stay registered. If a program has opened a file of the module by then, loading
    /// waits until the file is closed.
    fn init(module: &'static ThisModule) -> Result<Self>;
}

/// A type that is a kernel module, and is built where it stays.
///
/// For modules that hold something that must not move, such as a driver registration. Every
/// [`Module`] is one.
pub trait InPlaceModule: Sync + Send {
    /// Returns the initialiser that starts the module.
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
            // SAFETY: `write` requires a pointer valid for writes and aligned for `T`.
            // `pin_init_from_closure` passes its slot on, and `__pinned_init` requires exactly that
            // of the slot.
            unsafe { slot.write(value) };
            Ok(())
        };
        // SAFETY: `pin_init_from_closure` requires that the slot is initialised on `Ok`, and needs
        // no drop on `Err`. The closure writes the slot as its last step before `Ok`, and not at
        // all before `Err`.
        unsafe { pin_init::pin_init_from_closure(start) }
    }
}

/// The facts that `module!` tells about the module at hand. The module's `LocalModule` implements
/// this trait.
pub trait ModuleMetadata {
    /// The name of the module, as `lsmod` shows it.
    const NAME: &'static CStr;

    /// The handle of the module.
    const THIS_MODULE: ThisModule;
}

/// Returns the handle of the module that `M` describes.
///
/// `M` is the driver's `LocalModule`.
///
/// Context: any context.
#[must_use]
#[doc(alias = "THIS_MODULE")]
pub const fn this_module<M: ModuleMetadata>() -> &'static ThisModule {
    const { &M::THIS_MODULE }
}

/// The handle of a loaded module: `THIS_MODULE` of C.
///
/// Holding one does not keep the module loaded.
///
/// # Invariants
///
/// The pointer is null (code that is no module), or points to the `struct module` that holds the
/// code which names it. So the structure is live whenever that code runs.
pub struct ThisModule(*mut bindings::module);

// SAFETY: `Send` requires that the use from another task is sound. The handle only gives its
// address away.
unsafe impl Send for ThisModule {}

// SAFETY: `Sync` requires that shared use is sound. The handle never changes and only gives its
// address away.
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

    /// Returns the address of the module, for the `owner` fields of C structures. The address may
    /// be null.
    #[must_use]
    pub const fn as_ptr(&self) -> *mut bindings::module {
        self.0
    }
}

/// Waits until nobody but the loading itself has a reference to the module. C frees a module whose
/// start failed without looking at the references, and a program may have opened a file meanwhile.
///
/// Context: process context; may sleep.
#[inline]
fn wait_until_unused() {
    #[cfg(target_os = "none")]
    // SAFETY: the shim requires a context that may sleep, which the caller is in. The shim looks at
    // the module that it is linked into.
    unsafe {
        bindings::lb_module_wait_until_unused()
    };
}

/// What `modpost` reads of a function that a module exports: `#[export(gpl)]` makes it.
///
/// C's `EXPORT_SYMBOL()` writes the same: a licence, a name space, and the address.
#[doc(hidden)]
#[repr(C)]
pub struct ExportRecord<F> {
    /// The licence, then an empty name space; both end with a zero byte.
    strings: [u8; 8],
    function: F,
}

impl<F: Copy> ExportRecord<F> {
    /// Describes a function, for modules with a compatible licence if `gpl`.
    #[must_use]
    pub const fn new(gpl: bool, function: F) -> Self {
        Self {
            strings: if gpl { *b"GPL\0\0\0\0\0" } else { [0; 8] },
            function,
        }
    }
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
/// `value` is initialised while `state` is [`LIVE`]. The caller that changed `state` to [`BUSY`]
/// has `value` to itself until it changes `state` again.
#[doc(hidden)]
pub struct ModuleSlot<T> {
    state: AtomicU8,
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: `Sync` requires that shared use is sound. A slot lends its value to nobody: it only
// builds and drops it, one caller at a time by the invariant on `state`. These two may happen on
// different tasks, which `T: Send` allows.
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
    /// Returns 0, or a negative errno: that of the initialiser, or `-EBUSY` if a value is already
    /// there. After an error, the slot is as it was and nobody uses the module. Everything that the
    /// initialiser registered and leaked is then unregistered.
    ///
    /// Context: process context; may sleep.
    pub fn start(&'static self, module: &'static ThisModule) -> c_int {
        if !self.claim(EMPTY) {
            return code::EBUSY.to_errno();
        }
        // SAFETY: `begin` requires that its calls do not run at the same time: `module!` makes one
        // slot, and `claim` lets one caller through at a time.
        unsafe { module_scope::begin() };
        let slot = self.value.get().cast::<T>();
        // SAFETY: `__pinned_init` has these requirements.
        // 1. The memory is valid for writes, and nobody else uses it: `claim` gave it to this
        //    caller.
        // 2. The memory is not read on `Err`: `state` then returns to `EMPTY`.
        // 3. The value is pinned on `Ok`: the slot is a static, which never moves. Only `stop`
        //    gives its memory up, after dropping the value.
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

    /// Drops the value, if there is one; the body of `cleanup_module()`. Then it ends everything
    /// that the module registered and leaked.
    ///
    /// Context: process context; may sleep.
    pub fn stop(&'static self) {
        if !self.claim(LIVE) {
            return;
        }
        // SAFETY: `drop_in_place` requires a value that nobody else uses and that is not used
        // again. The state was `LIVE`, so the value is there. `claim` gave it to this caller, and
        // `EMPTY` below keeps all others from using it again.
        unsafe { core::ptr::drop_in_place(self.value.get().cast::<T>()) };
        module_scope::end();
        // INVARIANT: the value is gone, and `state` says so.
        self.state.store(EMPTY, Ordering::Release);
    }

    /// Changes `state` from `expected` to [`BUSY`]; returns whether it did.
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

    // SAFETY: `from_ptr` requires null or the calling module; the pointer is null.
    static NO_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };

    #[test]
    fn value_lives_from_start_to_stop_and_errors_leave_nothing() {
        // SAFETY: `new` requires a `stop` before this code goes away; the process ends first or the
        // test calls it.
        static GOOD: ModuleSlot<Counted<true>> = unsafe { ModuleSlot::new() };
        // SAFETY: `new` requires the same; this slot never starts.
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
