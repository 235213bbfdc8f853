// SPDX-License-Identifier: GPL-2.0

//! [`Opaque`]: memory of a C object.

use core::cell::UnsafeCell;
use core::marker::PhantomPinned;
use core::mem::MaybeUninit;

use pin_init::{PinInit, Wrapper, Zeroable, cast_pin_init, pin_init_from_closure};

/// Memory for a `T` that C reads and writes behind Rust's back.
///
/// The compiler may assume nothing about the content. It may be uninitialised, may change while a
/// shared reference to it exists, and other memory may point at it (the type is not `Unpin`). Only
/// a raw pointer to the content is handed out, by [`get`](Self::get).
///
/// The content is never dropped. Some C objects need a last call; their wrappers make it in their
/// own `Drop`.
///
/// `Opaque<T>` is `repr(transparent)`: a `*mut T` from C may be cast to a `*const Opaque<T>`.
///
/// # Examples
///
/// ```
/// use kernel::types::Opaque;
///
/// let cell = Opaque::new(7_u32);
/// // SAFETY: `read` demands an initialised, aligned value that nobody writes meanwhile: `cell` is
/// // local and holds 7.
/// assert_eq!(unsafe { cell.get().read() }, 7);
/// ```
#[repr(transparent)]
pub struct Opaque<T> {
    value: UnsafeCell<MaybeUninit<T>>,
    pinned: PhantomPinned,
}

impl<T> Opaque<T> {
    /// Makes memory that holds `value`, which is never dropped.
    pub const fn new(value: T) -> Self {
        Self {
            value: UnsafeCell::new(MaybeUninit::new(value)),
            pinned: PhantomPinned,
        }
    }

    /// Makes memory that holds nothing yet.
    pub const fn uninit() -> Self {
        Self {
            value: UnsafeCell::new(MaybeUninit::uninit()),
            pinned: PhantomPinned,
        }
    }

    /// Makes memory that holds zero bytes, whether or not these are a valid `T`.
    pub const fn zeroed() -> Self {
        Self {
            value: UnsafeCell::new(MaybeUninit::zeroed()),
            pinned: PhantomPinned,
        }
    }

    /// Returns an initialiser that lets a C function fill the memory.
    ///
    /// `init_func` runs once, with a pointer to the uninitialised, pinned memory, which C may
    /// remember.
    pub fn ffi_init(init_func: impl FnOnce(*mut T)) -> impl PinInit<Self> {
        Self::try_ffi_init(move |slot| {
            init_func(slot);
            Ok(())
        })
    }

    /// Returns an initialiser that lets a C function fill the memory, or fail.
    ///
    /// `init_func` runs once, with a pointer to the uninitialised, pinned memory. C may remember
    /// that pointer only if `init_func` returns `Ok`.
    ///
    /// # Errors
    ///
    /// The errors of `init_func`. Nothing is initialised then.
    pub fn try_ffi_init<E>(
        init_func: impl FnOnce(*mut T) -> Result<(), E>,
    ) -> impl PinInit<Self, E> {
        let f = move |slot: *mut Self| init_func(Self::cast_into(slot));
        // SAFETY: `pin_init_from_closure` requires that `f` initialises `*slot` or leaves nothing
        // to drop, and does not move it. Any bytes are an initialised `Opaque`, which has nothing
        // to drop, and `f` gets only a pointer to it.
        unsafe { pin_init_from_closure(f) }
    }

    /// Returns the address of the content, for reading and writing. It is never null, and aligned
    /// for a `T`.
    pub const fn get(&self) -> *mut T {
        UnsafeCell::raw_get(&raw const self.value).cast()
    }

    /// Returns the content's address from that of the `Opaque`, without making a reference.
    pub const fn cast_into(this: *const Self) -> *mut T {
        UnsafeCell::raw_get(this.cast::<UnsafeCell<MaybeUninit<T>>>()).cast()
    }

    /// Returns the `Opaque`'s address from that of its content, without making a reference.
    pub const fn cast_from(this: *const T) -> *const Self {
        this.cast()
    }
}

/// An `Opaque` never drops its content, so the content must not rely on being dropped, as a pinned
/// value may. `Copy` ensures that: such a type has no destructor.
///
/// # Examples
///
/// ```
/// use kernel::{prelude::*, types::Opaque};
/// use pin_init::Wrapper;
///
/// let _ = Opaque::<u32>::pin_init::<core::convert::Infallible>(7);
/// ```
///
/// A mutex inside would be freed without being dropped:
///
/// ```compile_fail,E0599
/// use kernel::{new_mutex, prelude::*, sync::Mutex, types::Opaque};
/// use pin_init::Wrapper;
///
/// let _ = Opaque::<Mutex<u32>>::pin_init(new_mutex!(7));
/// ```
impl<T: Copy> Wrapper<T> for Opaque<T> {
    fn pin_init<E>(value_init: impl PinInit<T, E>) -> impl PinInit<Self, E> {
        // SAFETY: `cast_pin_init` requires that an initialised, pinned `T` is an initialised,
        // pinned `Opaque<T>`. It is `repr(transparent)` around a `T`, and `T: Copy` has no
        // destructor to miss.
        unsafe { cast_pin_init(value_init) }
    }
}

// SAFETY: `Zeroable` requires that zero bytes are a valid value; any bytes are, for an `Opaque`.
unsafe impl<T> Zeroable for Opaque<T> {}

#[macros::kunit_tests(lifebound_opaque)]
mod tests {
    use super::*;
    use core::convert::Infallible;
    use pin_init::{stack_pin_init, stack_try_pin_init};

    fn read<T: Copy>(opaque: &Opaque<T>) -> T {
        // SAFETY: `read` requires an initialised value; each test below initialises it.
        unsafe { opaque.get().read() }
    }

    #[test]
    fn content_is_at_the_same_address() {
        let opaque = Opaque::new(5_u64);
        let inside: *const u64 = opaque.get();
        assert_eq!(Opaque::cast_from(inside), &raw const opaque);
        assert_eq!(Opaque::cast_into(&raw const opaque).cast_const(), inside);
        assert_eq!(size_of::<Opaque<u64>>(), size_of::<u64>());
    }

    #[test]
    fn zeroed_is_zero() {
        assert_eq!(read(&Opaque::<[u8; 4]>::zeroed()), [0; 4]);
    }

    #[test]
    fn ffi_init_gets_the_final_address() {
        let mut seen = core::ptr::null_mut();
        stack_pin_init!(let opaque: Opaque<u32> = Opaque::ffi_init(|slot: *mut u32| {
            seen = slot;
            // SAFETY: `write` requires writable memory for a `u32`; `slot` is that.
            unsafe { slot.write(9) };
        }));
        assert_eq!(seen, opaque.get());
        assert_eq!(read(&opaque), 9);
    }

    #[test]
    fn try_ffi_init_passes_the_error_on() {
        stack_try_pin_init!(let opaque: Opaque<u32> = Opaque::try_ffi_init(|_| Err(-5)));
        assert!(matches!(opaque, Err(-5)));
    }

    #[test]
    fn content_is_never_dropped() {
        struct Loud;
        impl Drop for Loud {
            fn drop(&mut self) {
                panic!("dropped");
            }
        }
        let _opaque = Opaque::new(Loud);
    }

    #[test]
    fn wrapper_initialises_the_content() {
        stack_pin_init!(let opaque: Opaque<u8> = Opaque::pin_init::<Infallible>(3_u8));
        assert_eq!(read(&opaque), 3);
    }
}
