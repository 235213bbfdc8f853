// SPDX-License-Identifier: GPL-2.0

//! The stand-ins for the kernel's functions in tests on the host.
//!
//! "User space" is this process; addresses below [`FIRST`] cannot be accessed. The functions have
//! the names and signatures of those in `bindings`, and are `unsafe` for that reason only.

use crate::ffi::{c_char, c_long, c_ulong, c_void};

/// The first address that can be accessed.
const FIRST: usize = 4096;

/// # Safety
///
/// As in C; the source must be memory of this process if it is not below [`FIRST`].
pub(super) unsafe fn lb_copy_from_user(
    to: *mut c_void,
    from: *const c_void,
    n: c_ulong,
) -> c_ulong {
    if from.addr() < FIRST {
        return n;
    }
    // SAFETY: `copy_nonoverlapping` requires readable and writable memory of that size; the caller
    // promises both.
    unsafe { core::ptr::copy_nonoverlapping(from.cast::<u8>(), to.cast::<u8>(), n) };
    0
}

/// # Safety
///
/// As in C; the destination must be memory of this process if it is not below [`FIRST`].
pub(super) unsafe fn lb_copy_to_user(to: *mut c_void, from: *const c_void, n: c_ulong) -> c_ulong {
    // SAFETY: `lb_copy_from_user` requires the same as this function, which the caller promises.
    // C's two functions differ in which address is checked.
    if to.addr() < FIRST {
        n
    } else {
        unsafe { lb_copy_from_user(to, from, n) }
    }
}

/// # Safety
///
/// As in C; the source must be memory of this process if it is not below [`FIRST`].
pub(super) unsafe fn lb_strncpy_from_user(
    to: *mut c_char,
    from: *const c_char,
    n: c_long,
) -> c_long {
    if n <= 0 {
        return 0;
    }
    if from.addr() < FIRST {
        return -14;
    }
    for i in 0..n {
        let at = i.cast_unsigned();
        // SAFETY: the read requires initialised memory; the caller promises `n` bytes, or as many
        // as there are up to a NUL.
        let byte = unsafe { *from.wrapping_add(at) };
        // SAFETY: the write requires writable memory; the caller promises `n` bytes.
        unsafe { *to.wrapping_add(at) = byte };
        if byte == 0 {
            return i;
        }
    }
    n
}
