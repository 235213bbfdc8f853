// SPDX-License-Identifier: GPL-2.0

//! [`LockClassKey`]: how lockdep tells locks apart.

use crate::bindings;
use crate::types::Opaque;

/// The identity of a class of locks, for lockdep.
///
/// All locks made at one place in the source share a class. Lockdep checks the order in which
/// classes are locked. [`static_lock_class!`] makes a key; the `new_*!` macros of the locks call it
/// themselves. On a kernel without lockdep a key takes no space.
///
/// A key is always static. Lockdep keeps the address and the name of a class, and forgets both when
/// the module that contains them is unloaded. For a key elsewhere, lockdep could not know when the
/// name goes away.
///
/// C header: `include/linux/lockdep_types.h`.
#[repr(transparent)]
pub struct LockClassKey(Opaque<bindings::lock_class_key>);

// SAFETY: `Sync` requires that `&LockClassKey` may be used on other threads. It only gives the
// address, and lockdep, which uses the content, has a lock of its own.
unsafe impl Sync for LockClassKey {}

impl LockClassKey {
    /// Makes a key for a `static`. Use [`static_lock_class!`].
    ///
    /// # Safety
    ///
    /// The key must be the value of a `static`.
    #[doc(alias = "lockdep_set_class")]
    pub const unsafe fn new_static() -> Self {
        LockClassKey(Opaque::zeroed())
    }

    /// Returns the key for C, valid as long as `self`.
    pub fn as_ptr(&self) -> *mut bindings::lock_class_key {
        self.0.get()
    }
}

/// Makes a lock class for the place of its use: a `Pin<&'static LockClassKey>`.
///
/// # Examples
///
/// ```no_run
/// use kernel::{static_lock_class, sync::SpinLock};
///
/// let init = SpinLock::new(5, c"five", static_lock_class!());
/// # let _ = init;
/// ```
#[macro_export]
macro_rules! static_lock_class {
    () => {{
        static CLASS: $crate::sync::LockClassKey =
            // SAFETY: `new_static` requires that the key is the value of a `static`; it is the
            // value of this one.
            unsafe { $crate::sync::LockClassKey::new_static() };
        $crate::__core::pin::Pin::static_ref(&CLASS)
    }};
}

/// The name of a lock: a string literal, or the place in the source if there is none.
///
/// Lockdep compares names by their addresses, and wants one for each key. A constant has an address
/// in each crate that the code around it is inlined or instantiated in; a static has one.
#[doc(hidden)]
#[macro_export]
macro_rules! optional_name {
    () => {
        $crate::optional_name!(@c $crate::__core::concat!($crate::__core::file!(), ":", $crate::__core::line!(), "\0"))
    };
    ($name:literal) => {
        $crate::optional_name!(@c $crate::__core::concat!($name, "\0"))
    };
    (@c $name:expr) => {{
        static NAME: &$crate::ffi::CStr =
            match $crate::ffi::CStr::from_bytes_with_nul(($name).as_bytes()) {
                Ok(name) => name,
                // PANIC: only while compiling, where this is evaluated.
                Err(_) => $crate::__core::panic!("the name of a lock contains a NUL"),
            };
        NAME
    }};
}

pub use static_lock_class;

#[cfg(test)]
mod tests {
    #[test]
    fn names() {
        assert_eq!(optional_name!("door"), c"door");
        let here = optional_name!().to_str().unwrap();
        assert!(here.contains("lock_class.rs:"), "{here}");
    }

    #[test]
    fn each_place_has_its_class() {
        let keys = || (static_lock_class!(), static_lock_class!());
        let (a, b) = keys();
        let (again, _) = keys();
        assert_eq!(a.as_ptr(), again.as_ptr());
        if size_of::<crate::bindings::lock_class_key>() > 0 {
            assert_ne!(a.as_ptr(), b.as_ptr());
        }
    }
}
