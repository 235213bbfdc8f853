// SPDX-License-Identifier: GPL-2.0

//! [`Pointer`]: `{:p}` without addresses.

use core::ptr::NonNull;

use super::{Formatter, Result};

/// How `{:p}` shows a value in the macros of this crate: as C's `%p` does, that is, as a hash of
/// the address.
///
/// The same address has the same hash until the machine reboots. Early in boot, C shows
/// `(____ptrval____)`; with `no_hash_pointers` on the kernel's command line, it shows addresses.
///
/// Context: any context.
pub trait Pointer {
    /// Writes the hash to `f`.
    ///
    /// # Errors
    ///
    /// The errors of `f`.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result;
}

/// An address that is shown as a hash, by `{:p}`.
pub struct HashedPtr<T: ?Sized>(*const T);

impl<T: ?Sized> From<*const T> for HashedPtr<T> {
    fn from(ptr: *const T) -> Self {
        Self(ptr)
    }
}

impl<T: ?Sized> Pointer for HashedPtr<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        // The buffer needs at least 17 bytes: 16 digits and the terminator.
        let mut buffer = [0; 32];
        let text = hash(self.0.cast(), &mut buffer);
        f.pad(core::str::from_utf8(text).map_err(|_| super::Error)?)
    }
}

/// Writes to `buffer` the text that C shows for `%p`.
#[cfg(target_os = "none")]
fn hash(ptr: *const core::ffi::c_void, buffer: &mut [u8]) -> &[u8] {
    use crate::bindings;

    // SAFETY: the shim requires a buffer of that size; `buffer` has it. The shim does not look
    // behind `ptr`.
    let length = unsafe { bindings::lb_hash_pointer(buffer.as_mut_ptr(), buffer.len(), ptr) };
    usize::try_from(length)
        .ok()
        .and_then(|length| buffer.get(..length))
        .unwrap_or_default()
}

/// Returns the text that C shows while it has no key for hashing; a program of the host never has
/// one.
#[cfg(not(target_os = "none"))]
fn hash(_: *const core::ffi::c_void, _: &mut [u8]) -> &'static [u8] {
    b"(____ptrval____)"
}

/// Implements the trait for types that have an address: `[..] type, pointer => address`.
macro_rules! impl_pointer {
    ($($ty:ty, $pointer:ident => $address:expr;)*) => {$(
        impl<T: ?Sized> Pointer for $ty {
            fn fmt(&self, f: &mut Formatter<'_>) -> Result {
                let $pointer = self;
                HashedPtr($address).fmt(f)
            }
        }
    )*};
}

impl_pointer! {
    *const T, pointer => *pointer;
    *mut T, pointer => pointer.cast_const();
    &T, pointer => core::ptr::from_ref(*pointer);
    &mut T, pointer => core::ptr::from_ref(&**pointer);
    NonNull<T>, pointer => pointer.as_ptr().cast_const();
}

#[cfg(test)]
mod tests {
    use crate::fmt::Adapter;

    #[test]
    fn no_address_is_shown() {
        let value = 7;
        let pointer = &raw const value;
        let shown = format!("{:p} {:>20p}", Adapter(&pointer), Adapter(&&value));
        assert_eq!(shown, "(____ptrval____)     (____ptrval____)");
    }
}
