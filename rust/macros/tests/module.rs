// SPDX-License-Identifier: GPL-2.0

//! `module!` as a whole: a module is loaded, given parameters and unloaded, as the kernel does it.

#![feature(used_with_arg)]

include!("mock/kernel.rs");

use core::ffi::CStr;
use core::sync::atomic::{AtomicUsize, Ordering};

use kernel::bindings::kernel_param;
use kernel::error::{Result, code};
use kernel::module::{Module, ModuleMetadata, this_module};

macros::module! {
    license: "GPL",
    type: Sample,
    name: "sample",
    authors: ["A. Author"],
    params: {
        fail: bool { default: false, description: "Whether loading fails" },
        r#in: i8 { default: -7, description: "A number" },
        rate: u8 { default: 1, description: "Can be written", permissions: 0o644, on_write: told },
    },
}

// The symbol that `modpost` writes into a real module.
core::arch::global_asm!(
    ".pushsection .data,\"aw\",@progbits",
    ".globl __this_module",
    "__this_module: .zero 64",
    ".popsection",
);

fn told(_rate: u8) -> Result {
    Ok(())
}

static LIVE: AtomicUsize = AtomicUsize::new(0);

struct Sample;

impl Module for Sample {
    fn init(module: &'static kernel::module::ThisModule) -> Result<Self> {
        assert_eq!(module.as_ptr(), THIS_MODULE.as_ptr());
        if module_parameters::fail.read() {
            return Err(code::ENODEV);
        }
        LIVE.fetch_add(1, Ordering::Relaxed);
        Ok(Self)
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

unsafe extern "C" {
    safe fn init_module() -> i32;
    safe fn cleanup_module();
    // The linker defines these at the ends of a section whose name is an identifier.
    static __start___param: [kernel_param; 0];
    static __stop___param: [kernel_param; 0];
}

/// Returns the entries of the `__param` section.
fn params() -> &'static [kernel_param] {
    let (start, stop) = (&raw const __start___param, &raw const __stop___param);
    let bytes = stop.addr() - start.addr();
    assert_eq!(bytes % size_of::<kernel_param>(), 0);
    // SAFETY: `from_raw_parts` requires initialised memory that does not change; the section is an
    // array of `kernel_param` that never changes.
    unsafe { core::slice::from_raw_parts(start.cast(), bytes / size_of::<kernel_param>()) }
}

fn param(name: &str) -> &'static kernel_param {
    let is_it = |param: &&kernel_param| {
        // SAFETY: `from_ptr` requires a C string that stays; a name is one, and static.
        unsafe { CStr::from_ptr(param.name.cast()) }.to_bytes() == name.as_bytes()
    };
    params().iter().find(is_it).expect("no such parameter")
}

fn set(name: &str, value: Option<&CStr>) -> i32 {
    let param = param(name);
    // SAFETY: the reference requires operations that stay; there always are operations, and they
    // are static.
    let set = unsafe { &*param.ops }.set.expect("a parameter can be set");
    // SAFETY: `set` requires a C string or null, and the parameter's own entry; both are given.
    unsafe {
        set(
            value.map_or(core::ptr::null(), |v| v.as_ptr().cast()),
            param,
        )
    }
}

fn get(name: &str) -> String {
    let param = param(name);
    let mut page = [0xffu8; 4096];
    // SAFETY: the reference requires operations that stay; there always are operations, and they
    // are static.
    let get = unsafe { &*param.ops }.get.expect("a parameter can be read");
    // SAFETY: `get` requires a page, and the parameter's own entry; both are given.
    let len = unsafe { get(page.as_mut_ptr(), param) };
    let text = CStr::from_bytes_until_nul(&page).unwrap().to_str().unwrap();
    assert_eq!(text.len(), len as usize);
    text.to_owned()
}

#[test]
fn a_module_is_loaded_and_unloaded() {
    assert_eq!(LocalModule::NAME, c"sample");
    assert_eq!(this_module::<LocalModule>().as_ptr(), THIS_MODULE.as_ptr());
    assert!(!THIS_MODULE.as_ptr().is_null());

    assert_eq!(params().len(), 3);
    assert_eq!((param("in").perm, param("rate").perm), (0o444, 0o644));
    for entry in params() {
        assert_eq!((entry.level, entry.flags), (-1, 0));
        assert_eq!(entry.mod_, THIS_MODULE.as_ptr());
    }
    assert_eq!(
        (get("in"), get("fail")),
        ("-7\n".to_owned(), "N\n".to_owned())
    );

    assert_eq!(set("in", None), code::EINVAL.to_errno());
    assert_eq!(set("in", Some(c"128")), code::ERANGE.to_errno());
    assert_eq!(set("in", Some(c"-0x80")), 0);
    assert_eq!(module_parameters::r#in.read(), -128);
    assert_eq!(get("in"), "-128\n");
    assert_eq!(set("rate", Some(c"9")), 0);
    assert_eq!(module_parameters::rate.read(), 9);

    // The unit tests of `kernel/module.rs` are in this program too, and may count at the same time.
    let ends = || kernel::module_scope::ENDS.load(Ordering::Relaxed);
    let before = ends();
    assert_eq!(set("fail", None), 0);
    assert_eq!(init_module(), code::ENODEV.to_errno());
    assert_eq!(LIVE.load(Ordering::Relaxed), 0);
    assert!(ends() > before);

    assert_eq!(set("fail", Some(c"off")), 0);
    assert_eq!(init_module(), 0);
    assert_eq!(init_module(), code::EBUSY.to_errno());
    assert_eq!(LIVE.load(Ordering::Relaxed), 1);
    let before = ends();
    cleanup_module();
    assert_eq!(LIVE.load(Ordering::Relaxed), 0);
    assert!(ends() > before);
}
