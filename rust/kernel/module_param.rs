// SPDX-License-Identifier: GPL-2.0

//! Module parameters: values that a user gives when a module is loaded.
//!
//! C header: [`include/linux/moduleparam.h`](srctree/include/linux/moduleparam.h).
//!
//! A driver declares parameters in `module!` and reads them as `module_parameters::NAME.read()`:
//!
//! | type | read by |
//! |---|---|
//! | `bool`, integers | [`ModuleParamAccess::read`] |
//! | `&CStr` | [`ModuleParamText::read`] |
//! | `[T; N]` of these integers or `bool`, up to `N` values | [`ModuleParamArray::get`], [`ModuleParamArray::iter`] |
//!
//! The kernel sets parameters before it calls `init_module()`. Afterwards most do not change: their
//! files in `/sys/module/NAME/parameters/` have mode 0444, for which `kernel/params.c` installs no
//! store function. Soundness does not rest on this: the value is kept in an atomic.
//!
//! A number or a `bool` with `permissions: 0o644` can be written there
//! ([`ModuleParamWritable`]). It may have a callback, `on_write: f`, a `fn(T) -> Result`:
//!
//! - The callback gets the new value, before it is stored. If it returns an error, the write fails
//!   with this error, and the parameter keeps its value.
//! - It runs from the return of the module's `init` to the beginning of its exit. The exit waits
//!   for a running one. What was given when the module was loaded, or is written while `init` runs,
//!   is stored without it. A write during the exit fails with `ENODEV`.
//! - One write at a time runs: C holds the module's `param_lock`.
//! - Context: process context; may sleep.

use core::{
    fmt::{self, Write},
    marker::PhantomData,
    mem::MaybeUninit,
    ptr,
    sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering},
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

    /// Only this module's types are parameters.
    pub trait Sealed {}

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

    /// Returns the value, as [`read`](Self::read) does, in its place.
    ///
    /// Context: any context.
    #[must_use]
    pub fn value_ref(&self) -> &T {
        const {
            assert!(
                cfg!(target_endian = "little"),
                "the bits begin with a value"
            )
        };
        if !self.is_set.load(Ordering::Acquire) {
            return &self.default;
        }
        // SAFETY: a reference requires an aligned, initialised value that does not change: the bits
        // of the `AtomicU64` begin with those of a value (`into_bits`), and the caller of `set`
        // vouches that there is no reference yet when they change.
        unsafe { &*self.bits.as_ptr().cast::<T>() }
    }

    /// Reads the user's text; it is `None` if the parameter was named without a value.
    fn parse(&self, text: Option<&CStr>) -> Result<T> {
        match text {
            Some(text) => T::from_text(BStr::from_bytes(text.to_bytes())),
            None => T::BARE.ok_or(code::EINVAL),
        }
    }

    /// Sets the value.
    ///
    /// # Safety
    ///
    /// No reference to the value may be in use; [`value_ref`](Self::value_ref) makes them.
    unsafe fn store(&self, value: T) {
        self.bits.store(value.into_bits(), Ordering::Relaxed);
        self.is_set.store(true, Ordering::Release);
    }
}

/// How C sets and shows a parameter. Only the types of this module implement this trait.
#[doc(hidden)]
pub trait Access: Sync + private::Sealed + 'static {
    /// Whether the parameter's name alone has a meaning.
    const BARE: bool;

    /// The mode of the file in sysfs: everyone reads, nobody writes.
    const MODE: u16 = 0o444;

    /// Takes the user's text; it is `None` if the parameter was named without a value.
    ///
    /// A parameter that is given twice has the later value, as in C. After an error, the parameter
    /// keeps the value that it had.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: the text is no value of this type, or there is none and the type needs one.
    /// - `ERANGE`: the number does not fit into the type.
    ///
    /// # Safety
    ///
    /// 1. The text must stay as it is until the module is gone, unless [`MODE`](Self::MODE) lets
    ///    users write.
    /// 2. No reference to the parameter's value may be in use.
    unsafe fn set(&self, text: Option<&CStr>) -> Result;

    /// Writes the value, without a newline.
    fn show(&self, out: &mut Page<'_>) -> fmt::Result;
}

impl<T: ModuleParam> private::Sealed for ModuleParamAccess<T> {}

impl<T: ModuleParam> Access for ModuleParamAccess<T> {
    const BARE: bool = T::BARE.is_some();

    unsafe fn set(&self, text: Option<&CStr>) -> Result {
        let value = self.parse(text)?;
        // SAFETY: `store` requires that no reference is in use; the caller promises it.
        unsafe { self.store(value) };
        Ok(())
    }

    fn show(&self, out: &mut Page<'_>) -> fmt::Result {
        self.read().show(out)
    }
}

/// A parameter whose file in sysfs has the mode `MODE`, which lets users write it.
pub struct ModuleParamWritable<T, const MODE: u16> {
    value: ModuleParamAccess<T>,
    on_write: fn(T) -> Result,
}

impl<T: ModuleParam, const MODE: u16> ModuleParamWritable<T, MODE> {
    /// Makes a parameter that has its default value.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(default: T, on_write: fn(T) -> Result) -> Self {
        Self {
            value: ModuleParamAccess::new(default),
            on_write,
        }
    }

    /// Returns the value that was written last, else the one that was given when the module was
    /// loaded, else the default.
    ///
    /// Context: any context.
    #[must_use]
    pub fn read(&self) -> T {
        self.value.read()
    }

    /// Returns the value, as [`read`](Self::read) does: the name that Linux 7.3 has for it.
    ///
    /// Context: any context.
    #[must_use]
    pub fn value(&self) -> T {
        self.read()
    }

    /// Takes `text` in this state of the module.
    fn write(&self, text: Option<&CStr>, state: State) -> Result {
        let value = self.value.parse(text)?;
        match state {
            State::Starting => (),
            State::Live => (self.on_write)(value)?,
            State::Ending => return Err(code::ENODEV),
        }
        // SAFETY: `store` requires that no reference is in use: this type makes none of `value`,
        // which is private.
        unsafe { self.value.store(value) };
        Ok(())
    }
}

impl<T: ModuleParam, const MODE: u16> private::Sealed for ModuleParamWritable<T, MODE> {}

impl<T: ModuleParam, const MODE: u16> Access for ModuleParamWritable<T, MODE> {
    const BARE: bool = T::BARE.is_some();
    const MODE: u16 = MODE;

    unsafe fn set(&self, text: Option<&CStr>) -> Result {
        self.write(text, State::now())
    }

    fn show(&self, out: &mut Page<'_>) -> fmt::Result {
        self.read().show(out)
    }
}

/// Accepts each value: the callback of a parameter that has none.
#[doc(hidden)]
pub fn accept<T>(_value: T) -> Result {
    Ok(())
}

/// How far the module is.
#[derive(Clone, Copy)]
enum State {
    /// Its `init` has not returned.
    Starting,
    Live,
    /// It is being unloaded, or its `init` has failed.
    Ending,
}

impl State {
    /// Returns the state of this module. C's `param_lock` is held here, so an exit of the module
    /// that begins later waits in [`end_writes`] until the lock is released.
    #[cfg(not(test))]
    fn now() -> Self {
        // SAFETY: `lb_module_progress` requires nothing: it reads a field of this module.
        match unsafe { bindings::lb_module_progress() } {
            0 => Self::Starting,
            1 => Self::Live,
            _ => Self::Ending,
        }
    }

    /// There is no module in tests on the host.
    #[cfg(test)]
    fn now() -> Self {
        Self::Starting
    }
}

/// Waits for a callback that runs. The module's exit calls this first, when C has already said that
/// the module is going: so no callback runs later.
#[doc(hidden)]
pub fn end_writes() {
    // SAFETY: `lb_module_param_barrier` requires a caller that does not hold the module's
    // `param_lock`: C does not hold it when it calls the module's exit.
    unsafe { bindings::lb_module_param_barrier() };
}

/// A parameter that is text, `&CStr`: its default, or what the user gave instead.
///
/// # Invariants
///
/// PARAM-TEXT: `text` is null, or points to a C string that stays as it is until the module is
/// gone.
pub struct ModuleParamText {
    default: &'static CStr,
    text: AtomicPtr<u8>,
}

impl ModuleParamText {
    /// Makes a parameter that has its default value.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(default: &'static CStr) -> Self {
        Self {
            default,
            text: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// Returns the text: the user's if there is one, else the default.
    ///
    /// The text is final once the module's `init` runs. It need not be UTF-8.
    ///
    /// Context: any context.
    #[must_use]
    pub fn read(&self) -> &'static CStr {
        let text = self.text.load(Ordering::Acquire);
        if text.is_null() {
            return self.default;
        }
        // SAFETY: `from_ptr` requires a C string that stays as it is: PARAM-TEXT. The module's
        // code, which runs here, lives no longer.
        unsafe { CStr::from_ptr(text.cast_const().cast()) }
    }
}

impl private::Sealed for ModuleParamText {}

impl Access for ModuleParamText {
    const BARE: bool = false;

    unsafe fn set(&self, text: Option<&CStr>) -> Result {
        let text = text.ok_or(code::EINVAL)?;
        // INVARIANT: PARAM-TEXT: the caller promises it.
        self.text
            .store(text.as_ptr().cast_mut().cast(), Ordering::Release);
        Ok(())
    }

    fn show(&self, out: &mut Page<'_>) -> fmt::Result {
        out.push(self.read().to_bytes())
    }
}

/// A parameter that is a list of up to `N` values, `[T; N]`, which the user separates by commas.
pub struct ModuleParamArray<T: 'static, const N: usize> {
    default: &'static [T],
    /// How many values the user gave, or `usize::MAX`.
    count: AtomicUsize,
    bits: [AtomicU64; N],
}

impl<T: ModuleParam, const N: usize> ModuleParamArray<T, N> {
    /// Makes a parameter that has its default values.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(default: &'static [T]) -> Self {
        Self {
            default,
            count: AtomicUsize::new(usize::MAX),
            bits: [const { AtomicU64::new(0) }; N],
        }
    }

    /// Returns how many values there are: the user's if any were given, else the default ones.
    ///
    /// Context: any context.
    #[must_use]
    pub fn len(&self) -> usize {
        match self.count.load(Ordering::Acquire) {
            usize::MAX => self.default.len(),
            count => count,
        }
    }

    /// Whether there are no values.
    ///
    /// Context: any context.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns one of the values, or `None` if there are not so many.
    ///
    /// Context: any context.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<T> {
        match self.count.load(Ordering::Acquire) {
            usize::MAX => self.default.get(index).copied(),
            count if index < count => {
                Some(T::from_bits(self.bits.get(index)?.load(Ordering::Relaxed)))
            }
            _ => None,
        }
    }

    /// Returns the values, one after another.
    ///
    /// Context: any context.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        (0..N).map_while(|index| self.get(index))
    }
}

impl<T: ModuleParam, const N: usize> private::Sealed for ModuleParamArray<T, N> {}

impl<T: ModuleParam, const N: usize> Access for ModuleParamArray<T, N> {
    const BARE: bool = false;

    unsafe fn set(&self, text: Option<&CStr>) -> Result {
        let text = text.map_or(&b""[..], CStr::to_bytes);
        let (mut values, mut count) = ([0; N], 0);
        for value in text.split(|byte| *byte == b',') {
            let value = T::from_text(BStr::from_bytes(value))?;
            *values.get_mut(count).ok_or(code::EINVAL)? = value.into_bits();
            count += 1;
        }
        // All are read before one is stored.
        for (place, value) in self.bits.iter().zip(values) {
            place.store(value, Ordering::Relaxed);
        }
        self.count.store(count, Ordering::Release);
        Ok(())
    }

    fn show(&self, out: &mut Page<'_>) -> fmt::Result {
        for (index, value) in self.iter().enumerate() {
            if index > 0 {
                out.write_char(',')?;
            }
            value.show(out)?;
        }
        Ok(())
    }
}

/// The page of a parameter's file in sysfs.
#[doc(hidden)]
pub struct Page<'a> {
    bytes: &'a mut [MaybeUninit<u8>],
    len: usize,
}

impl Page<'_> {
    /// The size of a page that C gives.
    const SIZE: usize = bindings::LB_PAGE_SIZE;

    /// Appends `text`. Fails and changes nothing if that would leave no room for a newline and a
    /// zero.
    fn push(&mut self, text: &[u8]) -> fmt::Result {
        let end = self.len.checked_add(text.len()).ok_or(fmt::Error)?;
        if end.checked_add(2).ok_or(fmt::Error)? > self.bytes.len() {
            return Err(fmt::Error);
        }
        let room = self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?;
        for (place, byte) in room.iter_mut().zip(text) {
            place.write(*byte);
        }
        self.len = end;
        Ok(())
    }

    /// Ends the text with a newline and a zero; returns its length without the zero.
    fn finish(self) -> usize {
        // PANIC: none: `push` has left room for two bytes, or there never was any.
        let Some([newline, zero]) = self
            .bytes
            .get_mut(self.len..)
            .and_then(<[_]>::first_chunk_mut)
        else {
            return 0;
        };
        newline.write(b'\n');
        zero.write(0);
        self.len + 1
    }
}

impl Write for Page<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes())
    }
}

/// The entry of one parameter in the module's `__param` section.
///
/// # Invariants
///
/// `arg` points to a static `A`, and `ops` is [`Ops<A>::TABLE`] of the same `A`.
#[doc(hidden)]
#[repr(transparent)]
pub struct KernelParam(bindings::kernel_param);

// SAFETY: `Sync` requires that shared use is sound. Rust code cannot reach the pointers. C reads
// the entry, and passes it to the functions in `Ops`. They only use `arg`, shared, as the `Sync`
// type that it points to.
unsafe impl Sync for KernelParam {}

impl KernelParam {
    /// Describes the parameter `param`, called `name`, of `module`.
    #[must_use]
    pub const fn new<A: Access>(
        name: &'static CStr,
        module: &ThisModule,
        param: &'static A,
    ) -> Self {
        // INVARIANT: `param` is a static, and its type is that of the table.
        Self(bindings::kernel_param {
            name: name.as_ptr().cast(),
            mod_: module.as_ptr(),
            ops: &raw const *Ops::<A>::TABLE,
            perm: A::MODE,
            level: -1,
            flags: 0,
            __bindgen_anon_1: bindings::kernel_param__bindgen_ty_1 {
                arg: ptr::from_ref(param).cast_mut().cast(),
            },
        })
    }
}

/// The C side of parameters of type `A`.
struct Ops<A>(PhantomData<A>);

impl<A: Access> Ops<A> {
    /// The functions that C calls for such parameters.
    const TABLE: &'static bindings::kernel_param_ops = &bindings::kernel_param_ops {
        flags: if A::BARE {
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
    /// for `A`. C's `load_module()` calls this with the module's own arguments, which
    /// `free_module()` frees. If `A::MODE` lets users write, `param_attr_store()` calls this, too,
    /// with a text that stays for the call.
    unsafe extern "C" fn set(value: *const c_char, param: *const bindings::kernel_param) -> c_int {
        let text = if value.is_null() {
            None
        } else {
            // SAFETY: `from_ptr` requires a zero-terminated string that stays as it is while it is
            // borrowed; the caller promises it.
            Some(unsafe { CStr::from_ptr(value.cast()) })
        };
        // SAFETY: `access` requires an entry made for `A`; the caller promises it.
        let access = unsafe { Self::access(param) };
        // SAFETY: `set` requires
        // 1. that the text stay until the module is gone, unless users may write: it is one of the
        //    module's arguments then (the caller);
        // 2. that no reference is in use: before the module begins, C's `load_module()` alone calls
        //    this, and `param_attr_store()` for those alone that make none, `ModuleParamWritable`.
        match unsafe { access.set(text) } {
            Ok(()) => 0,
            Err(error) => error.to_errno(),
        }
    }

    /// Writes the parameter's line to `buffer`. Returns its length.
    ///
    /// # Safety
    ///
    /// `buffer` is valid for writes of a page, and `param` points to a [`KernelParam`] made for
    /// `A`.
    unsafe extern "C" fn get(buffer: *mut c_char, param: *const bindings::kernel_param) -> c_int {
        // SAFETY: `access` requires an entry made for `A`; the caller promises it.
        let access = unsafe { Self::access(param) };
        // SAFETY: the slice requires a page that nobody else uses meanwhile; the caller promises
        // it. Its bytes need no value.
        let bytes = unsafe { core::slice::from_raw_parts_mut(buffer.cast(), Page::SIZE) };
        let mut page = Page { bytes, len: 0 };
        // A value for which there is no room is shown in part.
        let _ = access.show(&mut page);
        // CAST: the length is below that of a page.
        page.finish() as c_int
    }

    /// Finds the parameter behind its entry.
    ///
    /// # Safety
    ///
    /// `param` points to a [`KernelParam`] made for `A`.
    unsafe fn access(param: *const bindings::kernel_param) -> &'static A {
        // SAFETY: the place expression requires a live entry; the caller promises it.
        let arg = unsafe { &raw const (*param).__bindgen_anon_1.arg };
        // SAFETY: `read` requires an initialised pointer there. `KernelParam::new` wrote one, and C
        // never changes entries.
        let arg = unsafe { arg.read() };
        // SAFETY: the borrow requires a live value of this type. The invariant of `KernelParam`
        // says that it is a static of this type. The module's code, which runs here, lives no
        // longer than its statics.
        unsafe { &*arg.cast::<A>() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Leaks the text, which has to stay.
    fn set(param: &impl Access, text: &str) -> Result {
        let text = std::ffi::CString::new(text).unwrap().into_raw();
        // SAFETY: `from_ptr` requires a C string; it was made above and is never freed.
        let text = unsafe { CStr::from_ptr(text.cast_const().cast()) };
        // SAFETY: `set` requires (1) a text that stays, (2) that no reference is in use. (1) It is
        // never freed. (2) No test keeps a reference to a value.
        unsafe { param.set(Some(text)) }
    }

    fn set_bare(param: &impl Access) -> Result {
        // SAFETY: `set` requires (1) something of a text; there is none; (2) that no reference is
        // in use: no test keeps one.
        unsafe { param.set(None) }
    }

    fn shown(param: &impl Access) -> std::string::String {
        let mut bytes = [MaybeUninit::new(b'?'); 64];
        let mut page = Page {
            bytes: &mut bytes,
            len: 0,
        };
        param.show(&mut page).unwrap();
        let length = page.finish();
        // SAFETY: all bytes began with a value.
        let bytes = bytes.map(|byte| unsafe { byte.assume_init() });
        assert_eq!(bytes[length], 0);
        std::string::String::from_utf8(bytes[..length].to_vec()).unwrap()
    }

    #[test]
    fn text_is_the_users_or_the_default() {
        let param = ModuleParamText::new(c"default");
        assert_eq!(shown(&param), "default\n");
        assert_eq!(set_bare(&param), Err(code::EINVAL));
        assert_eq!(param.read(), c"default");
        assert_eq!(set(&param, "two words"), Ok(()));
        assert_eq!(set(&param, ""), Ok(()));
        assert_eq!(param.read(), c"");
        assert_eq!(set(&param, "two words"), Ok(()));
        assert_eq!(param.read(), c"two words");
        assert_eq!(shown(&param), "two words\n");
        let long = "x".repeat(63);
        assert_eq!(set(&param, &long), Ok(()));
        let mut bytes = [MaybeUninit::new(0); 64];
        let mut page = Page {
            bytes: &mut bytes,
            len: 0,
        };
        assert!(
            param.show(&mut page).is_err(),
            "no room for newline and zero"
        );
        assert_eq!(page.finish(), 1);
    }

    #[test]
    fn lists_have_at_most_their_length() {
        let param = ModuleParamArray::<u8, 3>::new(&[7, 8]);
        assert_eq!((param.len(), shown(&param)), (2, "7,8\n".into()));
        assert_eq!(set(&param, "1,0x10,255"), Ok(()));
        assert_eq!(param.iter().collect::<std::vec::Vec<_>>(), [1, 16, 255]);
        assert_eq!(shown(&param), "1,16,255\n");
        for (text, error) in [
            ("1,2,3,4", code::EINVAL),
            ("1,256", code::ERANGE),
            ("1,,2", code::EINVAL),
            ("", code::EINVAL),
        ] {
            assert_eq!(set(&param, text), Err(error), "{text:?}");
        }
        assert_eq!(set_bare(&param), Err(code::EINVAL));
        assert_eq!(shown(&param), "1,16,255\n");
        assert_eq!(set(&param, "9"), Ok(()));
        assert_eq!(
            (param.len(), param.get(0), param.get(1)),
            (1, Some(9), None)
        );
        assert!(!param.is_empty());
        assert!(ModuleParamArray::<bool, 2>::new(&[]).is_empty());
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
    fn values_are_lent_in_their_place() {
        let param = ModuleParamAccess::<i16>::new(-3);
        assert_eq!(*param.value_ref(), -3);
        assert_eq!(set(&param, "-2"), Ok(()));
        assert_eq!(*param.value_ref(), -2);
        let param = ModuleParamAccess::<bool>::new(false);
        assert_eq!(set_bare(&param), Ok(()));
        assert!(param.value_ref());
        let param = ModuleParamAccess::<u64>::new(0);
        assert_eq!(set(&param, "0xfedcba9876543210"), Ok(()));
        assert_eq!(*param.value_ref(), 0xfedc_ba98_7654_3210);
    }

    #[test]
    fn callback_decides_while_the_module_lives() {
        fn small(value: u8) -> Result {
            if value < 100 {
                Ok(())
            } else {
                Err(code::EINVAL)
            }
        }
        let param = ModuleParamWritable::<u8, 0o644>::new(7, small);
        assert_eq!(<ModuleParamWritable<u8, 0o644> as Access>::MODE, 0o644);
        assert_eq!(<ModuleParamAccess<u8> as Access>::MODE, 0o444);
        assert_eq!(param.write(Some(c"9\n"), State::Live), Ok(()));
        assert_eq!(param.write(Some(c"100"), State::Live), Err(code::EINVAL));
        assert_eq!(param.write(Some(c"256"), State::Live), Err(code::ERANGE));
        assert_eq!(param.write(Some(c"8"), State::Ending), Err(code::ENODEV));
        assert_eq!((param.read(), shown(&param)), (9, "9\n".into()));
        assert_eq!(param.write(Some(c"200"), State::Starting), Ok(()));
        assert_eq!(param.value(), 200);
    }

    #[test]
    fn errors_keep_the_value() {
        let param = ModuleParamAccess::<u8>::new(7);
        assert_eq!(set(&param, "256"), Err(code::ERANGE));
        assert_eq!(set(&param, "-1"), Err(code::EINVAL));
        assert_eq!(set(&param, ""), Err(code::EINVAL));
        assert_eq!(set_bare(&param), Err(code::EINVAL));
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
        assert_eq!(set_bare(&param), Ok(()));
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
