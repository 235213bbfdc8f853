// SPDX-License-Identifier: GPL-2.0

//! Linux device drivers in Rust whose private data carries the lifetime `'bound` of the device
//! binding.
//!
//! Start at [`pci`], which has a complete driver, and at [`prelude`]. Modules are named as the C
//! subsystems are. The search finds an item by the name of the C function that it stands for, too.
//!
//! The modules form layers, and a module imports only modules of lower layers. `tests/layers`
//! checks this against the table in `Documentation/architecture.md`. From the lowest layer to the
//! highest:
//!
//! 1. *Language, values, memory, text and copies, threads, waiting*: code that any part of a kernel
//!    needs, such as [`types`], [`error`], [`alloc`], [`str`](mod@str), [`sync`] and [`task`]. No
//!    module of these layers knows a device.
//! 2. *Devices*: [`device`] has `Device<Ctx, Kind>`, the contexts, and reference counting.
//! 3. *Scopes and bindings*: a [`scope`] owns everything that calls back into a driver. A binding
//!    has the driver's data, the scope, the managed resources, and the parts that a bus names.
//! 4. *Drivers*: [`driver`] has registration, `probe` and `remove`. [`devres`] has managed
//!    resources as drivers see them. [`module`] has the module itself.
//! 5. *Resources and DMA*: [`pm`], [`irq`], [`io`], [`miscdevice`], [`dma`] and others. Each uses
//!    bindings, and none of them knows a bus.
//! 6. *Buses*: each of [`pci`], [`platform`] and the others has a device type, a `Driver` trait,
//!    ids, and the resources that only this bus has. No bus imports another.
//! 7. *Faces*: this file and the [`prelude`].
//!
//! Below the crate, `rust/bindings` has C's names, and `rust/helpers` has the C shims. The shims
//! settle all differences between kernel versions. `rust/machines` has what is C and more than a
//! shim.

#![cfg_attr(not(test), no_std)]
#![cfg_attr(
    any(
        lifebound_without_auxiliary,
        lifebound_without_configfs,
        lifebound_without_i2c,
        lifebound_without_pci,
        lifebound_without_pwm,
        lifebound_without_serdev,
        lifebound_without_spi,
        lifebound_without_usb
    ),
    allow(
        dead_code,
        unused_imports,
        unused_macros,
        reason = "what a bus alone uses is not used where the kernel has no such bus"
    )
)]
#![feature(coerce_unsized)]
#![feature(decl_macro)]
#![feature(dispatch_from_dyn)]
#![feature(legacy_receiver_trait)]
#![feature(pin_coerce_unsized_trait)]
#![feature(unsize)]
#![cfg_attr(lifebound_kunit, feature(used_with_arg))]

// Macros name the crate by its path, in this crate as well.
extern crate self as kernel;

#[doc(hidden)]
pub use ::bindings;
#[doc(hidden)]
pub use ::macros;
#[doc(hidden)]
pub use ::pin_init;
/// `core` for the expansions of this crate's macros: in a driver's crate, `::core` may be any
/// crate.
#[doc(hidden)]
pub use core as __core;

/// Expands a procedural macro with this crate's paths and this crate's `unsafe`.
///
/// `module!` and `#[kunit_tests]` expand to this macro. It names nothing that a driver could
/// replace; see `authority` in `macros`.
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
pub mod clk;
#[cfg(not(lifebound_without_configfs))]
pub mod configfs;
pub mod debugfs;
pub mod device;
pub mod device_id;
pub mod devres;
pub mod dma;
pub mod driver;
pub mod error;
pub mod faux;
pub mod ffi;
pub mod firmware;
mod flag_set;
pub mod fmt;
pub mod fs;
#[cfg(not(lifebound_without_i2c))]
pub mod i2c;
pub mod impl_flags;
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
pub mod page;
#[cfg(not(lifebound_without_pci))]
pub mod pci;
pub mod platform;
pub mod pm;
pub mod poll;
pub mod prelude;
pub mod print;
pub mod processor;
pub mod ptr;
#[cfg(not(lifebound_without_pwm))]
pub mod pwm;
#[cfg(not(lifebound_without_regulator))]
pub mod regulator;
pub mod revocable;
mod ring;
pub mod scatterlist;
pub mod scope;
#[cfg(not(lifebound_without_serdev))]
pub mod serdev;
pub mod sizes;
pub mod soc;
#[cfg(not(lifebound_without_spi))]
pub mod spi;
pub mod std_vendor;
pub mod str;
pub mod sync;
pub mod sysfs;
pub mod task;
pub mod time;
pub mod tracepoint;
pub mod transmute;
pub mod types;
pub mod uaccess;
#[cfg(not(lifebound_without_usb))]
pub mod usb;
pub mod workqueue;

#[doc(no_inline)]
pub use macros::{bitfield, register};
pub use module::{InPlaceModule, Module, ModuleMetadata, ThisModule};

/// The prefix of the crate's own messages.
#[cfg_attr(
    not(target_os = "none"),
    allow(dead_code, reason = "its messages are the kernel's")
)]
struct LocalModule;

impl ModuleMetadata for LocalModule {
    const NAME: &'static core::ffi::CStr = c"lifebound";
    // SAFETY: `from_ptr` accepts null, which stands for no module.
    const THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };
}

/// A panic is a bug in the driver or in this crate: the handler prints it, then calls `BUG()`. A
/// panic in a test ends that test.
#[cfg(target_os = "none")]
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    #[cfg(CONFIG_KUNIT)]
    if let Some(place) = info.location() {
        kunit::fail_at(place, format_args!("panicked: {}", info.message()));
    }
    bug::print_panic(info);
    // SAFETY: `lb_BUG` requires nothing: `BUG()` may be called anywhere, and ends the task.
    unsafe { bindings::lb_BUG() }
}
