// SPDX-License-Identifier: GPL-2.0

//! Tokens of the caller in a macro stay the caller's: where `unsafe` is forbidden, it is forbidden
//! there too.

#![forbid(unsafe_code)]

use kernel::prelude::*;

// `module!` gives these names to the messages.
module! { type: Ui, name: "ui", license: "GPL" }

pub struct Ui;

impl kernel::Module for Ui {
    fn init(_: &'static ThisModule) -> Result<Self> {
        Ok(Self)
    }
}

#[cfg(not(reject))]
pub fn printed(_: *const u8) {
    assert!(fmt!("{}", 1).as_str().is_none_or(|text| !text.is_empty()));
}

#[cfg(reject)]
pub fn printed(pointer: *const u8) {
    let _ = fmt!("{}", unsafe { *pointer }); //~ usage of an `unsafe` block
}

#[cfg(reject_2)]
pub fn told(pointer: *const u8) {
    pr_info!("{}\n", *pointer); //~2 E0133
}

#[pin_data]
pub struct Pinned {
    byte: u8,
}

#[cfg(reject_3)]
pub fn initialised(pointer: *const u8) -> impl PinInit<Pinned> {
    pin_init!(Pinned { byte: *pointer }) //~3 E0133
}

#[cfg(reject_4)]
kernel::macros::paste! {
    pub fn [<read _byte>](from: *const u8) -> u8 {
        unsafe { *from } //~4 usage of an `unsafe` block
    }
}

#[cfg(reject_5)]
#[kernel::macros::export]
pub extern "C" fn kfree(_: *const core::ffi::c_void) {} //~5 declaration of a `no_mangle` function

pub fn locked(pointer: *const u8) -> impl PinInit<kernel::sync::Mutex<u8>> {
    #[cfg(not(reject_6))]
    let init = kernel::new_mutex!(u8::from(pointer.is_null()));
    #[cfg(reject_6)]
    let init = kernel::new_mutex!(*pointer); //~6 E0133
    init
}

pub fn projected(view: kernel::io::SysMem<'_, [u32; 4]>, pointer: *const usize) -> Result<u32> {
    #[cfg(not(reject_7))]
    let index = pointer.addr();
    #[cfg(not(reject_7))]
    return Ok(kernel::io::io_read!(view, [index]?));
    #[cfg(reject_7)]
    return Ok(kernel::io::io_read!(view, [*pointer]?)); //~7 E0133
}

pub fn asserted(pointer: *const u8) {
    #[cfg(not(reject_8))]
    kernel::build_assert!(size_of_val(&pointer) == 8);
    #[cfg(reject_8)]
    kernel::build_assert!(*pointer == 8); //~8 E0133
}

pub fn shown(pointer: *const u8) {
    #[cfg(not(reject_9))]
    let _ = pointer;
    #[cfg(reject_9)]
    dbg!(*pointer); //~9 E0133
}

// Only `#[kunit_tests]` makes suites of KUnit. (The macro exists only on a kernel with KUnit.)
#[cfg(reject_10)]
static mut CASES: [u8; 1] = [0];
#[cfg(reject_10)]
kernel::kunit_unsafe_test_suite!(suite, CASES); //~10 E0433 `kunit_unsafe_test_suite`
