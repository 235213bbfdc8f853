// SPDX-License-Identifier: GPL-2.0

//! Linux device drivers in Rust whose private data carries the lifetime `'bound` of the device binding.
//!
//! Start at [`pci`], which has a complete driver, and [`prelude`]. Modules are named as the C subsystems are. Inside,
//! there are three rings, each of which knows only those before it:
//!
//! 1. `bindings` and the C shims (`rust/helpers`): the target kernel's interface, raw.
//! 2. The machinery: [`device`] (what is known about a device where), [`driver`] (registration, and the life of a
//!    binding), [`devres`], [`types::for_lt`].
//! 3. Buses and resources: [`pci`], [`io`], and what else a driver uses.

#![cfg_attr(not(test), no_std)]
// What a bus alone uses is not used where the kernel has no such bus.
#![cfg_attr(
    any(
        lifebound_without_auxiliary,
        lifebound_without_i2c,
        lifebound_without_pci,
        lifebound_without_usb
    ),
    allow(dead_code, unused_imports)
)]
#![feature(coerce_unsized)]
#![feature(decl_macro)]
#![feature(dispatch_from_dyn)]
#![feature(legacy_receiver_trait)]
#![feature(pin_coerce_unsized_trait)]
#![feature(unsize)]
#![cfg_attr(lifebound_kunit, feature(used_with_arg))]

// Macros name the crate by its path, here too.
#[allow(unused_extern_crates)]
extern crate self as kernel;

pub use ::bindings;
#[doc(hidden)]
pub use ::macros;
#[doc(hidden)]
pub use ::pin_init;
/// What the crate's macros name of it: in a driver's crate, `::core` may be any crate.
#[doc(hidden)]
pub use core as __core;

/// Has a procedural macro expanded, with this crate's paths and this crate's `unsafe`.
///
/// `module!` and `#[kunit_tests]` expand to this, which names nothing that a driver could replace; see `authority` in
/// `macros`.
#[doc(hidden)]
#[macro_export]
macro_rules! __expand_as_ours {
    ($($request:tt)*) => { $crate::macros::__expand! { [$crate unsafe] $($request)* } };
}

pub mod acpi;
pub mod alloc;
#[cfg(not(lifebound_without_auxiliary))]
pub mod auxiliary;
mod binding;
pub mod bitfield;
pub mod bits;
pub mod bug;
pub mod build_assert;
mod calls;
pub mod debugfs;
pub mod device;
pub mod device_id;
pub mod devres;
pub mod dma;
pub mod driver;
pub mod error;
pub mod ffi;
mod flag_set;
pub mod fmt;
pub mod fs;
#[cfg(not(lifebound_without_i2c))]
pub mod i2c;
pub mod init;
pub mod io;
pub mod ioctl;
pub mod iov;
pub mod irq;
pub mod kunit;
pub mod miscdevice;
pub mod module;
pub mod module_param;
mod module_scope;
pub mod num;
pub mod of;
#[cfg(not(lifebound_without_pci))]
pub mod pci;
pub mod platform;
pub mod pm;
pub mod poll;
pub mod prelude;
pub mod print;
pub mod processor;
pub mod ptr;
pub mod revocable;
pub mod scatterlist;
pub mod scope;
pub mod sizes;
pub mod std_vendor;
pub mod str;
pub mod sync;
pub mod sysfs;
pub mod task;
pub mod time;
pub mod transmute;
pub mod types;
pub mod uaccess;
#[cfg(not(lifebound_without_usb))]
pub mod usb;
pub mod workqueue;

#[doc(no_inline)]
pub use macros::{bitfield, register};
pub use module::{InPlaceModule, Module, ModuleMetadata, ThisModule};

/// What the crate's own messages are prefixed with.
#[cfg_attr(not(target_os = "none"), allow(dead_code))]
struct LocalModule;

impl ModuleMetadata for LocalModule {
    const NAME: &'static core::ffi::CStr = c"lifebound";
    // SAFETY: null is no module.
    const THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };
}

/// A panic is a bug in the driver or in this crate: printed, then `BUG()`. One of a test ends the test.
#[cfg(target_os = "none")]
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    #[cfg(lifebound_kunit)]
    if let Some(place) = info.location() {
        kunit::fail_at(place, format_args!("panicked: {}", info.message()));
    }
    pr_emerg!("{}\n", info);
    // SAFETY: `BUG()` ends the task; it may be called anywhere.
    unsafe { bindings::lb_BUG() }
}
