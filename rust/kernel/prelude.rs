// SPDX-License-Identifier: GPL-2.0

//! The names that nearly every driver uses: `use kernel::prelude::*;`.

pub use core::{
    mem::{align_of, align_of_val, size_of, size_of_val},
    pin::Pin,
};

#[doc(no_inline)]
pub use pin_init::{InPlaceWrite, Init, PinInit, Zeroable, init, pin_data, pin_init, pinned_drop};
#[doc(no_inline)]
pub use zerocopy::{FromBytes, IntoBytes};

#[doc(no_inline)]
pub use crate::{
    alloc::{Box, KBox, KVBox, KVVec, KVec, VBox, VVec, Vec, flags::*},
    build_assert, build_error, const_assert, current, dbg, dev_alert, dev_crit, dev_dbg, dev_emerg,
    dev_err, dev_info, dev_notice, dev_warn,
    error::{Error, Result, code::*},
    ffi::{
        CStr, c_char, c_int, c_long, c_longlong, c_schar, c_short, c_uchar, c_uint, c_ulong,
        c_ulonglong, c_ushort, c_void,
    },
    fmt,
    init::InPlaceInit,
    macros::{export, fmt, kunit_tests, module, vtable},
    module::ThisModule,
    pr_alert, pr_crit, pr_debug, pr_emerg, pr_err, pr_info, pr_notice, pr_warn, static_assert,
    str::CStrExt as _,
    try_init, try_pin_init,
    uaccess::UserPtr,
};
