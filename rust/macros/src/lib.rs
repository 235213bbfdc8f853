// SPDX-License-Identifier: GPL-2.0

//! Procedural macros of the `kernel` crate.
//!
//! A driver gets them through `kernel`. [`module!`] makes a crate a loadable module, [`register!`]
//! and [`bitfield!`] name bits, [`macro@vtable`] marks traits with optional methods, and
//! [`macro@kunit_tests`] holds tests. [`paste!`] and [`concat_idents!`] help in writing
//! `macro_rules!`.
//!
//! The expansions name the `kernel` crate as `::kernel`. They compile in crates of the editions
//! 2021 and 2024, even in those that forbid `unsafe` code; [`macro@export`] is the exception. An
//! expansion that contains `unsafe` names only one macro of that crate: see `authority`.

#![forbid(unsafe_code)]

#[path = "../../pin-init/internal/src/authority.rs"]
mod authority;
mod export;
mod fmt;
mod for_lt;
mod kunit;
mod module;
#[path = "../../pin-init/internal/src/operands.rs"]
mod operands;
mod paste;
mod register;
mod vtable;

use proc_macro::TokenStream;
use proc_macro2::Span;

use authority::{ask, grant};

/// The crate that the macros are for.
const HOME: &str = "kernel";

/// Makes this crate a loadable kernel module.
///
/// The macro is called once, in the root of the crate. The keys may stand in any order; `type`,
/// `name` and `license` are required.
///
/// | key | value | meaning |
/// |---|---|---|
/// | `type` | a type | the module; implements `kernel::Module` or `kernel::InPlaceModule` |
/// | `name` | `".."` | name of the `.ko` file; at most 55 letters, digits, `_` and `-`, for which the kernel shows `_` |
/// | `license` | `".."` | a licence that the kernel knows as compatible with the GPL |
/// | `authors` | `["..", ..]` | for `modinfo` |
/// | `description` | `".."` | for `modinfo` |
/// | `version` | `".."` | one word; for `modinfo`, `/sys/module/NAME/version` and DKMS. Not in Linux 7.3. |
/// | `alias` | `["..", ..]` | further names by which `modprobe` finds the module |
/// | `firmware` | `["..", ..]` | files that the module may request |
/// | `imports_ns` | `["..", ..]` | namespaces of exported symbols that the module uses |
/// | `params` | see below | values that the user may give when loading |
///
/// The crate then has these items, next to the macro call:
///
/// - `LocalModule`, a type that implements `kernel::ModuleMetadata`, for
///   `kernel::module::this_module`;
/// - `THIS_MODULE`, a `static` handle;
/// - `module_parameters`, if there are parameters: a module with one item for each of them.
///
/// The value of the module's type is built by its `init` when the kernel loads the module. If
/// `init` fails, loading fails with the same errno. The value is dropped when the module is
/// unloaded. No code of the crate can reach it, and it is never dropped twice.
///
/// # Parameters
///
/// A parameter is `NAME: TYPE { default: VALUE, description: ".." }`, and
/// `module_parameters::NAME.read()` returns its value.
///
/// | `TYPE` | `VALUE` |
/// |---|---|
/// | `bool` | `true` or `false` |
/// | an integer of up to 64 bits | a literal |
/// | `&CStr` | `c".."` |
/// | `[T; N]`, a list of up to `N` of one of the first two; `N` is at most 64 | `[VALUE, ..]` |
///
/// A list has `len()`, `get(index)` and `iter()` in place of `read()`. The user separates its
/// elements by commas.
///
/// The user sets it by `insmod file.ko NAME=value`. A number is decimal, `0x..`, `0..` (octal) or
/// `0b..`. A `bool` is `y`, `n`, `1`, `0`, `on` or `off`, and `NAME` alone means `y`. A value that
/// does not fit makes loading fail. Afterwards everyone can read the value in
/// `/sys/module/NAME/parameters/`, and nobody can change it.
///
/// With `permissions: 0o644` (or `0o600`, `0o640`, `0o660`, `0o664`), a number or a `bool` can be
/// written there. With `on_write: f` besides, each write calls `f`, a `fn(T) -> Result`, with the
/// new value, and an error refuses the value; see `kernel::module_param` for when it runs.
///
/// # Requirements
///
/// The crate is compiled with the unstable feature `used_with_arg`, which the build of this tree
/// switches on. Its linker script keeps the sections `.modinfo`, `__param`, `.init.data` and
/// `.exit.data`.
///
/// # Examples
///
/// ```no_run
/// # #![feature(used_with_arg)]
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mock/kernel.rs"));
/// # use kernel::{error::Result, module::{Module, ThisModule}};
/// # macro_rules! pr_info { ($($t:tt)*) => { let _ = format_args!($($t)*); } }
/// use macros::module;
///
/// module! {
///     type: Blinker,
///     name: "blinker",
///     authors: ["A. Author <author@example.org>"],
///     description: "Blinks",
///     license: "GPL",
///     version: "1.0.0",
///     params: {
///         interval_ms: u32 { default: 500, description: "Time between two blinks" },
///         invert: bool { default: false, description: "Whether the light is on between blinks" },
///     },
/// }
///
/// struct Blinker;
///
/// impl Module for Blinker {
///     fn init(_module: &'static ThisModule) -> Result<Self> {
///         pr_info!("every {} ms", module_parameters::interval_ms.read());
///         Ok(Blinker)
///     }
/// }
/// # fn main() {}
/// ```
#[proc_macro]
#[doc(alias(
    "MODULE_LICENSE",
    "MODULE_AUTHOR",
    "MODULE_DESCRIPTION",
    "MODULE_ALIAS",
    "MODULE_IMPORT_NS",
    "MODULE_PARM_DESC",
    "module_param",
    "module_param_named",
    "module_param_array"
))]
pub fn module(input: TokenStream) -> TokenStream {
    ask(HOME, "module", Default::default(), input.into()).into()
}

/// Lets code that is generic over a trait see which methods an implementation has.
///
/// A null pointer in a C structure of function pointers means "not supported", which a default
/// method cannot express.
///
/// On a trait, the attribute adds a constant `HAS_METHOD`, `false`, for each method `method`. An
/// implementation must have the attribute too. There, it sets the constants of the methods that the
/// implementation has to `true`. A constant that is written by hand stays as it is. `#[cfg]` on a
/// method also applies to its constant. The trait cannot be used as `dyn`.
///
/// # Examples
///
/// ```
/// # extern crate self as kernel;
/// # pub mod types { pub struct Vtable; impl Vtable { pub const __BY_ATTRIBUTE: Self = Self; } }
/// # fn main() {
/// use macros::vtable;
///
/// #[vtable]
/// pub trait Operations {
///     fn open(&self) -> u32;
///
///     fn ioctl(&self) -> u32 {
///         unreachable!("not called unless HAS_IOCTL")
///     }
/// }
///
/// struct Plain;
///
/// #[vtable]
/// impl Operations for Plain {
///     fn open(&self) -> u32 {
///         1
///     }
/// }
///
/// assert!(Plain::HAS_OPEN);
/// assert!(!Plain::HAS_IOCTL);
/// # }
/// ```
///
/// An implementation without the attribute does not compile:
///
/// ```compile_fail,E0046
/// # extern crate self as kernel;
/// # pub mod types { pub struct Vtable; impl Vtable { pub const __BY_ATTRIBUTE: Self = Self; } }
/// # fn main() {}
/// # use macros::vtable;
/// #[vtable]
/// pub trait Operations {
///     fn open(&self) {}
/// }
///
/// struct Plain;
///
/// impl Operations for Plain {} // missing: `ATTRIBUTE_VTABLE_IS_MISSING_ABOVE_THIS_IMPL`
/// ```
#[proc_macro_attribute]
pub fn vtable(attr: TokenStream, input: TokenStream) -> TokenStream {
    finish(vtable::vtable(attr.into(), input.into()))
}

/// Gives a Rust function to C under its own name.
///
/// The function is `extern "C"`, and a C header that the `bindings` crate reads declares it. The
/// function has the type that the header gives, or the crate does not compile.
///
/// `#[export(gpl)]` exports a function to other modules instead, as C's `EXPORT_SYMBOL_GPL()` does,
/// and `#[export(all)]` as `EXPORT_SYMBOL()`. No header is read then: the module that exports has a
/// header of its own, in C, for those that call. `Module.symvers` goes beside the module, with a
/// version that is another one if the function's type is (`tests/boot/export_symbol`).
///
/// A symbol can replace one that other code calls. So a crate that forbids `unsafe` code cannot use
/// the attribute.
///
/// # Examples
///
/// ```no_run
/// # extern crate self as kernel;
/// # pub mod bindings { unsafe extern "C" { pub fn my_driver_version(minor: u32) -> u32; } }
/// # fn main() {}
/// use macros::export;
///
/// #[export]
/// pub extern "C" fn my_driver_version(minor: u32) -> u32 {
///     0x100 | (minor & 0xff)
/// }
/// ```
#[proc_macro_attribute]
#[doc(alias("EXPORT_SYMBOL", "EXPORT_SYMBOL_GPL"))]
pub fn export(attr: TokenStream, input: TokenStream) -> TokenStream {
    finish(export::export(attr.into(), input.into()))
}

/// Makes `core::fmt::Arguments`, as `core::format_args!` does, for the printing macros of `kernel`.
///
/// `{}` uses `kernel::fmt::Display`, which C strings have as well, and `{:p}` uses
/// `kernel::fmt::Pointer`. `kernel::fmt` has an example.
#[proc_macro]
pub fn fmt(input: TokenStream) -> TokenStream {
    finish(fmt::fmt(input.into()))
}

/// Makes one identifier from several.
///
/// The identifier has the span of the first one, and must not be a keyword. A macro cannot stand
/// where a name is declared, so this one only names existing items; [`paste!`] does both.
///
/// # Examples
///
/// ```
/// use macros::concat_idents;
///
/// const PORT_COUNT: u32 = 4;
///
/// assert_eq!(concat_idents!(PORT, _COUNT), 4);
/// ```
#[proc_macro]
pub fn concat_idents(input: TokenStream) -> TokenStream {
    finish(paste::concat_idents(input.into()))
}

/// Joins identifiers: each `[<parts>]` in the input, at any depth, becomes one identifier.
///
/// A part is an identifier, an integer, or a string. `:lower` or `:upper` may stand behind it and
/// change its letters. `:span` may stand behind one of the parts; the result then has the span of
/// that part instead of the first one. The result must not be a keyword.
///
/// # Examples
///
/// ```
/// use macros::paste;
///
/// macro_rules! accessors {
///     ($($name:ident = $value:literal),*) => {
///         paste! {
///             $(
///                 pub const [<$name:upper _VALUE>]: u32 = $value;
///
///                 pub fn [<get_ $name>]() -> u32 {
///                     [<$name:upper _VALUE>]
///                 }
///             )*
///         }
///     };
/// }
///
/// accessors!(speed = 3, lanes = 4);
///
/// assert_eq!(get_speed() + LANES_VALUE, 7);
/// ```
///
/// Tokens that the caller writes stay the caller's, even where `unsafe` code is forbidden:
///
/// ```compile_fail
/// #![forbid(unsafe_code)]
/// # fn main() {}
/// macros::paste! {
///     pub fn [<read _byte>](from: *const u8) -> u8 {
///         unsafe { *from }
///     }
/// }
/// ```
#[proc_macro]
pub fn paste(input: TokenStream) -> TokenStream {
    finish(paste::paste(input.into()))
}

/// Makes a module of tests a KUnit suite.
///
/// With `cfg(lifebound_kunit)`, the module is compiled into the driver, and each `#[test]` function
/// is a case of the suite `NAME` in `#[kunit_tests(NAME)]`. `make kunit M=<directory>` builds a
/// driver so, and runs its suites in the debug kernel. On the host, with `cfg(test)`, the module is
/// an ordinary one of tests. Otherwise it does not exist.
///
/// A test takes no arguments, and returns nothing or a `Result`, of which an `Err` is a failure. It
/// may have `#[cfg]`. With `#[ignore]`, it is compiled, but is no case of the suite. `assert!`,
/// `assert_eq!` and `assert_ne!` report to KUnit, and so does another panic of the test's task.
/// The values of a test that ends so are leaked. A panic may stop the kernel, so
/// `#[should_panic]` is refused, unless the test is only for the host: `#[cfg(test)]`.
///
/// # Examples
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mock/kernel.rs"));
/// use macros::kunit_tests;
///
/// fn double(x: u32) -> u32 {
///     x * 2
/// }
///
/// #[kunit_tests(my_driver_math)]
/// mod tests {
///     use super::*;
///
///     #[test]
///     fn doubles() {
///         assert_eq!(double(4), 8);
///     }
/// }
/// # fn main() { assert_eq!(double(1), 2); }
/// ```
#[proc_macro_attribute]
#[expect(
    clippy::test_attr_in_doctest,
    reason = "the example shows what a suite looks like"
)]
#[doc(alias("KUNIT_CASE", "kunit_test_suite", "kunit_test_suites"))]
pub fn kunit_tests(attr: TokenStream, input: TokenStream) -> TokenStream {
    ask(HOME, "kunit_tests", attr.into(), input.into()).into()
}

/// Defines the registers of a device: for each, a type for its value and a name for its place.
///
/// ```text
/// [docs] [vis] NAME(u8|u16|u32|u64) @ OFFSET { .. }                   one register
/// NAME(uN)[COUNT] @ OFFSET { .. }                                     an array without gaps
/// NAME(uN)[COUNT, stride = BYTES] @ OFFSET { .. }                     an array
/// NAME(uN) @ Base + OFFSET { .. }                                     one at each `RegisterBase`
/// NAME(uN)[COUNT, stride = BYTES] @ Base + OFFSET { .. }              an array at each of them
/// NAME(uN) => OTHER { .. }    => OTHER[INDEX] { .. }    => Base + OTHER { .. }     an alias
/// ```
///
/// Offsets are in bytes from the start of the region. Fields stand between the braces. A field has
/// bits `HIGH:LOW`, a name, and perhaps a type:
///
/// ```text
/// 7:0  count;               an integer of 8 bits, `Bounded<u32, 8>`
/// 8:8  busy => bool;        a `bool`
/// 11:9 mode => Mode;        a type that converts from and to the bits
/// 15:12 unit ?=> Unit;      a type that some bits are no value of
/// ```
///
/// A field has a getter `count()` and the setters `with_count(value)` and
/// `with_const_count::<5>()`. `kernel::io` shows how registers are read and written.
#[proc_macro]
#[doc(alias("FIELD_PREP", "FIELD_GET", "GENMASK"))]
pub fn register(input: TokenStream) -> TokenStream {
    finish(register::register(input.into()))
}

/// Defines integers whose bits have names.
///
/// ```text
/// [docs] [vis] struct NAME(u8|u16|u32|u64) { fields as in `register!` }
/// ```
///
/// `kernel::bitfield` has an example.
#[proc_macro]
#[doc(alias("FIELD_GET", "FIELD_PREP"))]
pub fn bitfield(input: TokenStream) -> TokenStream {
    finish(register::bitfield(input.into()))
}

/// The basis of `ForLt!` and `CovariantForLt!` of `kernel::types`.
#[doc(hidden)]
#[proc_macro]
pub fn __for_lt(input: TokenStream) -> TokenStream {
    finish(for_lt::for_lt(input.into()))
}

/// The second step of `module!` and `#[kunit_tests]`, for `kernel::__expand_as_ours!`.
#[doc(hidden)]
#[proc_macro]
pub fn __expand(input: TokenStream) -> TokenStream {
    finish(grant(input.into(), |name, args, input| match name {
        "module" => module::module(input),
        "kunit_tests" => kunit::kunit_tests(args, input),
        _ => Err(syn::Error::new(Span::call_site(), "there is no such macro")),
    }))
}

/// Turns the result of a macro into tokens for the compiler.
fn finish(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result.unwrap_or_else(syn::Error::into_compile_error).into()
}
