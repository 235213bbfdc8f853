// SPDX-License-Identifier: GPL-2.0

//! Module parameters: values that a user gives when a module is loaded.
//!
//! C header: [`include/linux/moduleparam.h`](srctree/include/linux/moduleparam.h).
//!
//! A driver declares parameters in `module!` and reads them with [`ModuleParamAccess::read`], as
//! `module_parameters::NAME.read()`. The types are those that implement [`ModuleParam`].
//!
//! The kernel sets parameters before it calls `init_module()`. Afterwards they do not change: their
//! files in `/sys/module/NAME/parameters/` have mode 0444, for which `kernel/params.c` installs no
//! store function. Soundness does not rest on this: the value is kept in an atomic.

use core::{
    fmt::{self, Write},
    marker::PhantomData,
    ptr,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use crate::bindings;
use crate::error::{Result, code};
use crate::ffi::{c_char, c_int, c_uint};
use crate::module::ThisModule;
use crate::str::{BStr, CStr, kstrtobool_bytes, parse_int::ParseInt};

/// A type that a module parameter may have: `bool` and the integers up to 64 bits.
///
/// Integers are read as [`ParseInt`] says, and a `bool` as [`kstrtobool`](crate::str::kstrtobool)
/// says. A `bool` is also true for a parameter without a value.
pub trait ModuleParam: Copy + Send + Sync + private::Value + 'static {}

mod private {
    use super::{BStr, Result, fmt};

    /// How a parameter's value is read, kept and shown; the set of types is closed.
    pub trait Value: Sized {
        /// The meaning of the parameter's name alone, if it has one.
        const BARE: Option<Self>;

        /// Reads a value from the text behind `NAME=`.
        fn from_text(text: &BStr) -> Result<Self>;

        /// Returns the value as bits for [`from_bits`](Self::from_bits).
        fn into_bits(self) -> u64;

        /// Returns the value that `bits` was made from.
        fn from_bits(bits: u64) -> Self;

        /// Writes the value as C shows its own parameters.
        fn show(self, out: &mut impl fmt::Write) -> fmt::Result;
    }
}

macro_rules! impl_module_param {
    ($($int:ty)*) => {$(
        impl private::Value for $int {
            const BARE: Option<Self> = None;

            fn from_text(text: &BStr) -> Result<Self> {
                <$int as ParseInt>::from_str(text)
            }

            // CAST: nothing is lost: the value goes to 64 bits and back to the type that the bits
            // came from.
            fn into_bits(self) -> u64 {
                self as u64
            }

            fn from_bits(bits: u64) -> Self {
                bits as $int
            }

            fn show(self, out: &mut impl fmt::Write) -> fmt::Result {
                write!(out, "{self}")
            }
        }

        impl ModuleParam for $int {}
    )*};
}

impl_module_param!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

impl private::Value for bool {
    const BARE: Option<Self> = Some(true);

    fn from_text(text: &BStr) -> Result<Self> {
        kstrtobool_bytes(text)
    }

    fn into_bits(self) -> u64 {
        u64::from(self)
    }

    fn from_bits(bits: u64) -> Self {
        bits != 0
    }

    fn show(self, out: &mut impl fmt::Write) -> fmt::Result {
        out.write_char(if self { 'Y' } else { 'N' })
    }
}

impl ModuleParam for bool {}

/// A module parameter: its default, and the value that the user gave instead.
pub struct ModuleParamAccess<T> {
    default: T,
    is_set: AtomicBool,
    bits: AtomicU64,
}

impl<T: ModuleParam> ModuleParamAccess<T> {
    /// Makes a parameter that has its default value.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(default: T) -> Self {
        Self {
            default,
            is_set: AtomicBool::new(false),
            bits: AtomicU64::new(0),
        }
    }

    /// Returns the value: the user's if there is one, else the default.
    ///
    /// The value is final once the module's `init` runs.
    ///
    /// Context: any context.
    #[must_use]
    pub fn read(&self) -> T {
        if self.is_set.load(Ordering::Acquire) {
            T::from_bits(self.bits.load(Ordering::Relaxed))
        } else {
            self.default
        }
    }

    /// Returns the value, as [`read`](Self::read) does: the name that Linux 7.3 has for it.
    ///
    /// Context: any context.
    #[must_use]
    pub fn value(&self) -> T {
        self.read()
    }

    /// Takes the user's text; it is `None` if the parameter was named without a value.
    ///
    /// A parameter that is given twice has the later value, as in C. After an error, the parameter
    /// keeps the value that it had.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: the text is no value of this type, or there is none and the type needs one.
    /// - `ERANGE`: the number does not fit into the type.
    fn set(&self, text: Option<&BStr>) -> Result {
        let value = match text {
            Some(text) => T::from_text(text)?,
            None => T::BARE.ok_or(code::EINVAL)?,
        };
        self.bits.store(value.into_bits(), Ordering::Relaxed);
        self.is_set.store(true, Ordering::Release);
        Ok(())
    }

    /// Writes the value as one line.
    fn show(&self) -> Line {
        let mut line = Line::new();
        // A line has room for the longest value, so neither write fails; see `Line`.
        let _ = self.read().show(&mut line);
        let _ = line.write_char('\n');
        line
    }
}

/// One parameter's line in sysfs.
struct Line {
    bytes: [u8; Self::CAPACITY],
    len: usize,
}

impl Line {
    /// Room for the 20 characters of `u64::MAX` or `i64::MIN`, a newline and a terminating zero.
    const CAPACITY: usize = 22;

    const fn new() -> Self {
        Self {
            bytes: [0; Self::CAPACITY],
            len: 0,
        }
    }
}

impl Write for Line {
    /// Appends `text`. Fails and changes nothing if that would leave no room for the terminating
    /// zero.
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len.checked_add(text.len()).ok_or(fmt::Error)?;
        if end >= Self::CAPACITY {
            return Err(fmt::Error);
        }
        let room = self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// The entry of one parameter in the module's `__param` section.
///
/// # Invariants
///
/// `arg` points to a static [`ModuleParamAccess<T>`], and `ops` is [`Ops<T>::TABLE`] of the same
/// `T`.
#[doc(hidden)]
#[repr(transparent)]
pub struct KernelParam(bindings::kernel_param);

// SAFETY: `Sync` requires that shared use is sound. Rust code cannot reach the pointers. C reads
// the entry, and passes it to the functions in `Ops`. They only use `arg`, shared, as the `Sync`
// type that it points to.
unsafe impl Sync for KernelParam {}

impl KernelParam {
    /// The mode of the file in sysfs: everyone reads, nobody writes.
    const MODE: u16 = 0o444;

    /// Describes the parameter `param`, called `name`, of `module`.
    #[must_use]
    pub const fn new<T: ModuleParam>(
        name: &'static CStr,
        module: &ThisModule,
        param: &'static ModuleParamAccess<T>,
    ) -> Self {
        // INVARIANT: `param` is a static, and its type is that of the table.
        Self(bindings::kernel_param {
            name: name.as_ptr().cast(),
            mod_: module.as_ptr(),
            ops: &raw const *Ops::<T>::TABLE,
            perm: Self::MODE,
            level: -1,
            flags: 0,
            __bindgen_anon_1: bindings::kernel_param__bindgen_ty_1 {
                arg: ptr::from_ref(param).cast_mut().cast(),
            },
        })
    }
}

/// The C side of parameters of type `T`.
struct Ops<T>(PhantomData<T>);

impl<T: ModuleParam> Ops<T> {
    /// The functions that C calls for such parameters.
    const TABLE: &'static bindings::kernel_param_ops = &bindings::kernel_param_ops {
        flags: if T::BARE.is_some() {
            bindings::KERNEL_PARAM_OPS_FL_NOARG as c_uint
        } else {
            0
        },
        set: Some(Self::set),
        get: Some(Self::get),
        free: None,
    };

    /// Sets the parameter. Returns 0 or a negative errno.
    ///
    /// # Safety
    ///
    /// `value` is null or points to a zero-terminated string, and `param` to a [`KernelParam`] made
    /// for `T`.
    unsafe extern "C" fn set(value: *const c_char, param: *const bindings::kernel_param) -> c_int {
        let text = if value.is_null() {
            None
        } else {
            // SAFETY: `from_ptr` requires a zero-terminated string that stays as it is while it is
            // borrowed. The caller promises the string, and C leaves it alone until this function
            // returns. It is not used afterwards.
            Some(unsafe { CStr::from_ptr(value.cast()) })
        };
        // SAFETY: `access` requires an entry made for `T`; the caller promises it.
        let access = unsafe { Self::access(param) };
        match access.set(text.map(|text| BStr::from_bytes(text.to_bytes()))) {
            Ok(()) => 0,
            Err(error) => error.to_errno(),
        }
    }

    /// Writes the parameter's line to `buffer`. Returns its length.
    ///
    /// # Safety
    ///
    /// `buffer` is valid for writes of a page, and `param` points to a [`KernelParam`] made for
    /// `T`.
    unsafe extern "C" fn get(buffer: *mut c_char, param: *const bindings::kernel_param) -> c_int {
        // SAFETY: `access` requires an entry made for `T`; the caller promises it.
        let access = unsafe { Self::access(param) };
        let line = access.show();
        // SAFETY: `copy_nonoverlapping` requires a valid source and target that do not overlap. The
        // source is a local array of that length. The target is a page by the caller's promise,
        // which is longer. It belongs to C, so it is not the local array.
        unsafe { ptr::copy_nonoverlapping(line.bytes.as_ptr(), buffer.cast(), Line::CAPACITY) };
        // CAST: `len` is below `Line::CAPACITY`.
        line.len as c_int
    }

    /// Finds the parameter behind its entry.
    ///
    /// # Safety
    ///
    /// `param` points to a [`KernelParam`] made for `T`.
    unsafe fn access(param: *const bindings::kernel_param) -> &'static ModuleParamAccess<T> {
        // SAFETY: the place expression requires a live entry; the caller promises it.
        let arg = unsafe { &raw const (*param).__bindgen_anon_1.arg };
        // SAFETY: `read` requires an initialised pointer there. `KernelParam::new` wrote one, and C
        // never changes entries.
        let arg = unsafe { arg.read() };
        // SAFETY: the borrow requires a live value of this type. The invariant of `KernelParam`
        // says that it is a static of this type. The module's code, which runs here, lives no
        // longer than its statics.
        unsafe { &*arg.cast::<ModuleParamAccess<T>>() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set<T: ModuleParam>(param: &ModuleParamAccess<T>, text: &str) -> Result {
        param.set(Some(BStr::from_bytes(text.as_bytes())))
    }

    fn shown<T: ModuleParam>(param: &ModuleParamAccess<T>) -> std::string::String {
        let line = param.show();
        assert_eq!(line.bytes[line.len], 0);
        std::string::String::from_utf8(line.bytes[..line.len].to_vec()).unwrap()
    }

    #[test]
    fn default_until_set_and_last_value_wins() {
        let param = ModuleParamAccess::<i32>::new(-3);
        assert_eq!(param.read(), -3);
        assert_eq!(set(&param, "0x10"), Ok(()));
        assert_eq!((param.read(), param.value()), (16, 16));
        assert_eq!(set(&param, "-5\n"), Ok(()));
        assert_eq!(param.read(), -5);
    }

    #[test]
    fn errors_keep_the_value() {
        let param = ModuleParamAccess::<u8>::new(7);
        assert_eq!(set(&param, "256"), Err(code::ERANGE));
        assert_eq!(set(&param, "-1"), Err(code::EINVAL));
        assert_eq!(set(&param, ""), Err(code::EINVAL));
        assert_eq!(param.set(None), Err(code::EINVAL));
        assert_eq!(param.read(), 7);
    }

    #[test]
    fn bool_takes_what_c_takes() {
        let param = ModuleParamAccess::<bool>::new(false);
        for (text, want) in [
            ("y", true),
            ("N", false),
            ("1", true),
            ("0\n", false),
            ("on", true),
            ("OFF", false),
        ] {
            assert_eq!(set(&param, text), Ok(()), "{text:?}");
            assert_eq!(param.read(), want, "{text:?}");
        }
        assert_eq!(param.set(None), Ok(()));
        assert!(param.read());
        for text in ["", "2", "o", "ok", "-1", " y"] {
            assert_eq!(set(&param, text), Err(code::EINVAL), "{text:?}");
        }
        assert!(param.read());
    }

    #[test]
    fn extremes_survive_and_fit_the_line() {
        assert_eq!(
            shown(&ModuleParamAccess::<i64>::new(i64::MIN)),
            "-9223372036854775808\n"
        );
        assert_eq!(
            shown(&ModuleParamAccess::<u64>::new(u64::MAX)),
            "18446744073709551615\n"
        );
        let param = ModuleParamAccess::<i8>::new(0);
        assert_eq!(set(&param, "-128"), Ok(()));
        assert_eq!(shown(&param), "-128\n");
        assert_eq!(shown(&ModuleParamAccess::<bool>::new(true)), "Y\n");
    }
}
