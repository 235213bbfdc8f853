// SPDX-License-Identifier: GPL-2.0

//! What is known of the system on a chip on which the kernel runs, for `/sys/devices/socN`.
//!
//! C header: [`include/linux/sys_soc.h`](srctree/include/linux/sys_soc.h).
//!
//! Kernels without `CONFIG_SOC_BUS`, such as Debian's for x86-64, have no such directory. A
//! registration is `EOPNOTSUPP` there.
//!
//! ```
//! use kernel::{prelude::*, soc, str::CString};
//!
//! fn describe(revision: u32) -> Result<impl PinInit<soc::Registration, Error>> {
//!     Ok(soc::Registration::new(soc::Attributes {
//!         family: Some(CString::try_from_fmt(fmt!("Acme"))?),
//!         revision: Some(CString::try_from_fmt(fmt!("r{revision}"))?),
//!         ..Default::default()
//!     }))
//! }
//! ```

use core::marker::PhantomPinned;

use crate::{
    bindings,
    error::from_err_ptr,
    ffi::{c_char, c_void},
    module_scope::{Kept, Room},
    prelude::*,
    str::CString,
    types::Opaque,
};

/// The texts of the files in the chip's directory. A file whose text is `None` does not exist.
#[derive(Default)]
pub struct Attributes {
    /// The machine. If this is `None`, C takes the model that the device tree names.
    pub machine: Option<CString>,
    /// The family of chips.
    pub family: Option<CString>,
    /// The revision of the chip.
    pub revision: Option<CString>,
    /// The serial number of the chip.
    pub serial_number: Option<CString>,
    /// The name of the chip within its family.
    pub soc_id: Option<CString>,
}

/// A registered description. Dropping this removes the directory. If this was forgotten, the
/// directory is removed when the module is unloaded.
///
/// # Invariants
///
/// SOC-TEXTS: C reads `raw` of the payload, and the texts that it points to, from the registration
/// until the entry in the module's list ends it. They stay in place for that long.
pub struct Registration {
    _kept: Kept<Description>,
    // Linux's own crate has a pinned type as well.
    _pinned: PhantomPinned,
}

/// The memory that C reads.
#[pin_data]
struct Description {
    texts: Attributes,
    #[pin]
    raw: Opaque<bindings::soc_device_attribute>,
}

// SAFETY: `Send` requires that any thread may own and drop the value: it is texts and pointers to
// them.
unsafe impl Send for Description {}

// SAFETY: `Sync` requires that threads may share the value: nothing can be done with a shared one.
unsafe impl Sync for Description {}

impl Registration {
    /// Registers a description.
    ///
    /// Context of the initialiser: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - `EOPNOTSUPP` if the kernel has no `CONFIG_SOC_BUS`.
    /// - `ENOMEM`, and the errors of C's `soc_device_register()`.
    ///
    /// Nothing is registered then.
    #[doc(alias("soc_device_register", "soc_device_unregister"))]
    pub fn new(attr: Attributes) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(move || {
            let room = Room::new()?;
            let description = try_pin_init!(Description {
                texts: attr,
                raw: Opaque::new(bindings::soc_device_attribute::default()),
            });
            // SAFETY: `fill` requires
            // 1. that what `start` returned is fit for `unregister`: it is a registered chip, which
            //    any thread may unregister;
            // 2. that nothing uses the payload after the end: C removes the files, and waits for
            //    those that read them;
            // 3. that the end waits for no callback of the module: there is none;
            // 4. that any thread may drop the payload: it is `Send`.
            let kept = unsafe { room.fill(description, start, unregister, || false) }?;
            Ok(Self {
                _kept: kept,
                _pinned: PhantomPinned,
            })
        })
    }
}

fn start(description: Pin<&Description>) -> Result<*mut c_void> {
    let text = |text: &Option<CString>| {
        text.as_ref()
            .map_or(core::ptr::null::<c_char>(), |text| text.as_char_ptr())
    };
    let texts = &description.texts;
    let attributes = bindings::soc_device_attribute {
        machine: text(&texts.machine),
        family: text(&texts.family),
        revision: text(&texts.revision),
        serial_number: text(&texts.serial_number),
        soc_id: text(&texts.soc_id),
        ..Default::default()
    };
    let raw = description.raw.get();
    // SAFETY: `write` requires memory of the type that nobody else uses: C does not know it yet.
    unsafe { raw.write(attributes) };
    // INVARIANT: SOC-TEXTS: the payload is in memory of its own, and its texts do not change.
    // SAFETY: the shim requires attributes that stay in place until they are unregistered:
    // SOC-TEXTS.
    from_err_ptr(unsafe { bindings::lb_soc_device_register(raw) }).map(<*mut _>::cast)
}

/// Removes a description.
///
/// # Safety
///
/// `soc` must be a registered chip, which nobody else unregisters.
unsafe extern "C" fn unregister(soc: *mut c_void) {
    // SAFETY: the shim requires a registered chip, once: the caller vouches for it.
    unsafe { bindings::lb_soc_device_unregister(soc.cast()) }
}
