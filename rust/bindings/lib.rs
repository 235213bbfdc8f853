// SPDX-License-Identifier: GPL-2.0

//! The raw C interface of the target kernel.
//!
//! Bindgen generates it from `bindings.h` with the very flags that the C compiler gets. The C
//! compiler makes `layout.rs` from `layout.c`; it asserts that both compilers see the same
//! structures. Drivers do not use this crate.

#![no_std]
#![allow(
    clippy::all,
    dead_code,
    improper_ctypes,
    missing_docs,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    unnecessary_transmutes,
    unreachable_pub,
    unsafe_op_in_unsafe_fn,
    reason = "bindgen writes C's names as they are"
)]

pub mod ffi;

include!(concat!(env!("LIFEBOUND_GENERATED"), "/bindings.rs"));

mod layout {
    include!(concat!(env!("LIFEBOUND_GENERATED"), "/layout.rs"));
}
