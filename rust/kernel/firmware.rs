// SPDX-License-Identifier: GPL-2.0

//! Firmware: files that a driver hands to its device.
//!
//! C header: [`include/linux/firmware.h`](srctree/include/linux/firmware.h).
//!
//! ```
//! use kernel::{device::{Bound, Device}, firmware::Firmware, prelude::*};
//!
//! fn load(dev: &Device<Bound>) -> Result {
//!     let image = Firmware::request(c"vendor/device.bin", dev)?;
//!     let header = image.data().get(..16).ok_or(EINVAL)?;
//!     dev_info!(dev, "{} bytes, which begin with {:x?}\n", image.size(), header);
//!     Ok(())
//! }
//! ```
//!
//! The kernel looks for the file in `/lib/firmware/updates/RELEASE`, `/lib/firmware/updates`,
//! `/lib/firmware/RELEASE` and `/lib/firmware`. A driver names its files in `module!` (`firmware`),
//! or by [`module_firmware!`](crate::module_firmware!), so that they get into the initial file
//! system.

use core::{ffi::CStr, ptr, ptr::NonNull, slice};

use crate::{
    bindings,
    device::Device,
    error::{Result, code::EINVAL, to_result},
    str::CStrExt,
};

/// The content of a file, in memory of the kernel's. Dropping this releases it.
///
/// # Invariants
///
/// FILE-LOADED: the pointer is from `request_firmware()`, and was not released.
pub struct Firmware(NonNull<bindings::firmware>);

// SAFETY: `Send` requires that any thread may own and drop the value; any thread may call
// `release_firmware()`.
unsafe impl Send for Firmware {}

// SAFETY: `Sync` requires that threads may share the value; the content does not change.
unsafe impl Sync for Firmware {}

impl Firmware {
    /// Loads a file (`request_firmware()`).
    ///
    /// `dev` should be bound to a driver. C may attach the name of the file to the device; a device
    /// that has such a name when its driver probes is refused by the driver core (`EBUSY`).
    ///
    /// Context: process context; may sleep, even for a minute where user space is asked.
    ///
    /// # Errors
    ///
    /// C prints which file is missing. Nothing is loaded then.
    ///
    /// - `ENOENT`: there is no such file.
    /// - `EINVAL`: the name is empty or has a part `..`, or the file is empty.
    /// - `ENAMETOOLONG`, `ENOMEM`, and errors of reading the file.
    #[doc(alias("request_firmware", "release_firmware"))]
    pub fn request(name: &CStr, dev: &Device) -> Result<Self> {
        Self::load(name, dev, true)
    }

    /// Loads a file that may be missing (`firmware_request_nowarn()`). Nothing is printed then.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The errors of [`request`](Self::request).
    #[doc(alias = "firmware_request_nowarn")]
    pub fn request_nowarn(name: &CStr, dev: &Device) -> Result<Self> {
        Self::load(name, dev, false)
    }

    fn load(name: &CStr, dev: &Device, warns: bool) -> Result<Self> {
        let mut firmware = ptr::null();
        // SAFETY: the shim requires a place for the result, a name that ends in a zero, and a live
        // device: the first two are borrowed, and DEV-LIVE gives the third.
        to_result(unsafe {
            bindings::lb_request_firmware(&mut firmware, name.as_char_ptr(), dev.as_raw(), warns)
        })?;
        // INVARIANT: FILE-LOADED: C returned the pointer without an error.
        NonNull::new(firmware.cast_mut()).map(Self).ok_or(EINVAL)
    }

    fn raw(&self) -> &bindings::firmware {
        // SAFETY: `as_ref` requires a live structure that nobody changes: FILE-LOADED.
        unsafe { self.0.as_ref() }
    }

    /// The number of bytes.
    ///
    /// Context: any context.
    pub fn size(&self) -> usize {
        self.raw().size
    }

    /// The content of the file.
    ///
    /// Context: any context.
    pub fn data(&self) -> &[u8] {
        if self.size() == 0 {
            return &[];
        }
        // SAFETY: `from_raw_parts` requires initialised bytes that stay as they are for the borrow:
        // FILE-LOADED, and C does not change a file that it has loaded.
        unsafe { slice::from_raw_parts(self.raw().data, self.size()) }
    }
}

impl Drop for Firmware {
    fn drop(&mut self) {
        // SAFETY: the shim requires a loaded file, once: FILE-LOADED, and only `drop` releases it.
        unsafe { bindings::lb_release_firmware(self.0.as_ptr()) }
    }
}

/// Loads a file into `buf` (`request_firmware_into_buf()`), for memory that the device reads.
///
/// `dev` should be bound to a driver, as for [`Firmware::request`].
///
/// Context: process context; may sleep.
///
/// # Errors
///
/// `buf` may have a part of the file then.
///
/// - `EINVAL`: `buf` is empty.
/// - `EFBIG`: the file is larger than `buf`.
/// - `EOPNOTSUPP`: the device has loaded this file by [`Firmware::request`], and C keeps a copy of
///   it for resuming.
/// - Otherwise the errors of [`Firmware::request`].
#[doc(alias = "request_firmware_into_buf")]
pub fn request_into_buf(name: &CStr, dev: &Device, buf: &mut [u8]) -> Result {
    if buf.is_empty() {
        return Err(EINVAL);
    }
    // SAFETY: the shim requires a name that ends in a zero, a live device, and writable memory of
    // this size: the name and the memory are borrowed, and DEV-LIVE gives the device. C writes to
    // the memory only until it returns.
    to_result(unsafe {
        bindings::lb_request_firmware_into_buf(
            name.as_char_ptr(),
            dev.as_raw(),
            buf.as_mut_ptr().cast(),
            buf.len(),
        )
    })
}

/// Makes the entries of a module that name its firmware, while building; see
/// [`module_firmware!`](crate::module_firmware!).
///
/// A builder of length 0 only counts the bytes. A builder with that length then writes them.
pub struct ModInfoBuilder<const N: usize> {
    bytes: [u8; N],
    length: usize,
    module_name: &'static CStr,
}

impl<const N: usize> ModInfoBuilder<N> {
    /// Begins without entries. `module_name` is empty for a module in a file of its own.
    ///
    /// Context: constants.
    pub const fn new(module_name: &'static CStr) -> Self {
        Self {
            bytes: [0; N],
            length: 0,
            module_name,
        }
    }

    const fn push_bytes(mut self, bytes: &[u8]) -> Self {
        let mut index = 0;
        while index < bytes.len() {
            if N > 0 {
                // PANIC: while building, if there is no room; see `build`.
                self.bytes[self.length] = bytes[index];
            }
            // OVERFLOW: the strings of a program fit into its memory.
            self.length += 1;
            index += 1;
        }
        self
    }

    /// Continues the name of the file. Does not compile if `s` has a zero byte.
    ///
    /// Context: constants.
    pub const fn push(self, s: &str) -> Self {
        let mut rest = s.as_bytes();
        while let [first, tail @ ..] = rest {
            assert!(*first != 0, "the name of a file has no zero byte");
            rest = tail;
        }
        self.push_bytes(s.as_bytes())
    }

    /// Begins with the next file.
    ///
    /// Context: constants.
    pub const fn new_entry(self) -> Self {
        let this = if self.length == 0 {
            self
        } else {
            self.push_bytes(b"\0")
        };
        let module_name = this.module_name.to_bytes();
        let this = if module_name.is_empty() {
            this
        } else {
            this.push_bytes(module_name).push_bytes(b".")
        };
        this.push_bytes(b"firmware=")
    }

    /// The entries. Does not compile unless `N` is the length that
    /// [`build_length`](ModInfoBuilder::build_length) gave.
    ///
    /// Context: constants.
    pub const fn build(self) -> [u8; N] {
        let this = self.push_bytes(b"\0");
        assert!(this.length == N, "the length is that of `build_length`");
        this.bytes
    }
}

impl ModInfoBuilder<0> {
    /// The number of bytes that [`build`](ModInfoBuilder::build) needs.
    ///
    /// Context: constants.
    pub const fn build_length(self) -> usize {
        // OVERFLOW: the strings of a program fit into its memory.
        self.length + 1
    }
}

/// Names the firmware of a module whose files have names that are put together.
///
/// The argument is a type with a constant parameter, and a function `create` that makes the
/// entries:
///
/// ```
/// # #![feature(used_with_arg)]
/// use kernel::{firmware, prelude::*};
///
/// struct Files<const N: usize>;
///
/// impl<const N: usize> Files<N> {
///     const fn create(module_name: &'static CStr) -> firmware::ModInfoBuilder<N> {
///         let mut files = firmware::ModInfoBuilder::new(module_name);
///         let chips = ["one", "two"];
///         let mut index = 0;
///         while index < chips.len() {
///             files = files.new_entry().push("vendor/").push(chips[index]).push(".bin");
///             index += 1;
///         }
///         files
///     }
/// }
///
/// kernel::module_firmware!(Files);
/// ```
#[macro_export]
#[doc(alias = "MODULE_FIRMWARE")]
macro_rules! module_firmware {
    ($($builder:tt)+) => {
        const _: () = {
            const LENGTH: usize = $($builder)+::create(c"").build_length();

            #[used(compiler)]
            #[unsafe(link_section = ".modinfo")]
            static FIRMWARE: [u8; LENGTH] = $($builder)+::create(c"").build();
        };
    };
}

#[macros::kunit_tests(lifebound_firmware)]
mod tests {
    use super::*;

    const fn files<const N: usize>(module_name: &'static CStr) -> ModInfoBuilder<N> {
        ModInfoBuilder::new(module_name)
            .new_entry()
            .push("a/")
            .push("b.bin")
            .new_entry()
            .push("c")
    }

    #[test]
    fn entries_are_strings_one_after_the_other() {
        const LENGTH: usize = files::<0>(c"").build_length();
        assert_eq!(
            &files::<LENGTH>(c"").build(),
            b"firmware=a/b.bin\0firmware=c\0"
        );
        const NAMED: usize = files::<0>(c"m").build_length();
        assert_eq!(
            &files::<NAMED>(c"m").build(),
            b"m.firmware=a/b.bin\0m.firmware=c\0"
        );
    }
}
