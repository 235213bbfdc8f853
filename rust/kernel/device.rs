// SPDX-License-Identifier: GPL-2.0

//! Devices, and what may be done with one where.
//!
//! C header: [`include/linux/device.h`](srctree/include/linux/device.h)
//!
//! [`Device<Ctx, K>`] is a C device: `K` tells which structure of which bus ([`Generic`] is a plain `struct device`),
//! `Ctx` what is known at this point of the program:
//!
//! | context | meaning |
//! |---|---|
//! | [`Normal`] | the device exists; whether a driver is bound is unknown |
//! | [`Bound`] | a driver is bound for as long as the reference lives |
//! | [`Core<'_>`](Core) | a bus callback (`probe`, `unbind`) is running, under the device lock |
//! | [`CoreInternal<'_>`](CoreInternal), [`BoundInternal`] | the same, for this crate's own use |
//!
//! A reference of a higher context dereferences to the next lower one. All of it, reference counting and thread safety
//! included, is written here once for all buses: `pci::Device<Ctx>` is `device::Device<Ctx, pci::Pci>`.

use core::{marker::PhantomData, ops::Deref, ptr::NonNull};

use crate::{
    bindings,
    ffi::c_void,
    prelude::*,
    str::CStrExt as _,
    sync::aref::{ARef, AlwaysRefCounted},
    types::Opaque,
};

mod context;
mod print;
pub mod property;

pub use context::{
    Bound, BoundInternal, Core, CoreInternal, DeviceContext, InternalBoundContext, Normal,
};

/// What C structure a [`Device`] wraps.
///
/// # Safety
///
/// - A `struct device` must lie [`DEVICE_OFFSET`](Self::DEVICE_OFFSET) bytes into [`Raw`](Self::Raw), and keep the whole
///   structure alive while its reference count is held.
/// - [`get`](Self::get) must count a reference that does so, for [`put`](Self::put) to give up, on any thread.
pub unsafe trait Kind: 'static {
    /// The C structure.
    type Raw;

    /// Where its `struct device` is, in bytes.
    const DEVICE_OFFSET: usize;

    /// Counts a reference. Any context.
    ///
    /// # Safety
    ///
    /// `raw` must be valid, and referenced during the call.
    unsafe fn get(raw: *mut Self::Raw) {
        let device = raw.wrapping_byte_add(Self::DEVICE_OFFSET).cast();
        // SAFETY: `get_device()` wants a device whose count is not zero (the caller).
        unsafe { bindings::get_device(device) };
    }

    /// Gives a reference up. May sleep if it was the last.
    ///
    /// # Safety
    ///
    /// The caller must own a reference that [`get`](Self::get) or C has counted, and gives it up.
    unsafe fn put(raw: *mut Self::Raw) {
        let device = raw.wrapping_byte_add(Self::DEVICE_OFFSET).cast();
        // SAFETY: `put_device()` gives up the reference that the caller owns.
        unsafe { bindings::put_device(device) };
    }
}

/// The [`Kind`] of a plain `struct device`.
pub enum Generic {}

// SAFETY: `struct device` is itself, at offset 0, and lives while it is referenced (`get_device()`).
unsafe impl Kind for Generic {
    type Raw = bindings::device;
    const DEVICE_OFFSET: usize = 0;
}

/// A C device in context `Ctx`; see the [module's documentation](self).
///
/// # Invariants
///
/// - DEV-LIVE: the C structure is initialised and referenced at least as long as the Rust reference to it lives.
/// - DEV-CONTEXT: what `Ctx` says holds as long as the Rust reference lives.
#[repr(transparent)]
pub struct Device<Ctx: DeviceContext = Normal, K: Kind = Generic> {
    raw: Opaque<K::Raw>,
    _context: PhantomData<Ctx>,
}

impl<Ctx: DeviceContext, K: Kind> Device<Ctx, K> {
    /// Makes a reference of a C pointer.
    ///
    /// # Safety
    ///
    /// `pointer` must be valid, and DEV-LIVE and DEV-CONTEXT must hold for all of `'a`, which is the caller's choice:
    /// hand the result on only under a lifetime that its user cannot choose.
    pub unsafe fn from_raw<'a>(pointer: *mut K::Raw) -> &'a Self {
        // SAFETY: `Device` is a transparent wrapper of `Opaque<Raw>`; the caller vouches for pointer and lifetime.
        unsafe { &*Opaque::cast_from(pointer).cast::<Self>() }
    }

    /// The C pointer, valid as long as the reference.
    pub(crate) fn as_raw(&self) -> *mut K::Raw {
        self.raw.get()
    }

    /// The plain device in it.
    pub(crate) fn as_generic(&self) -> &Device<Ctx> {
        let device = self
            .as_raw()
            .wrapping_byte_add(K::DEVICE_OFFSET)
            .cast::<bindings::device>();
        // SAFETY: `Kind` puts a `struct device` there; it lives as long as `self` and is in the same context.
        unsafe { Device::from_raw(device) }
    }

    /// The C pointer to the plain device in it.
    pub(crate) fn as_raw_device(&self) -> *mut bindings::device {
        self.as_generic().as_raw()
    }
}

impl Device {
    /// Takes a reference to a C device.
    ///
    /// # Safety
    ///
    /// `pointer` must be valid, with a reference count that does not become zero during the call.
    pub unsafe fn get_device(pointer: *mut bindings::device) -> ARef<Self> {
        // SAFETY: the caller vouches for the pointer during this call; `into` takes a reference of its own.
        let device: &Self = unsafe { Self::from_raw(pointer) };
        device.into()
    }

    /// Says that a driver is bound to the device.
    ///
    /// # Safety
    ///
    /// A driver must stay bound as long as the reference lives.
    pub unsafe fn as_bound(&self) -> &Device<Bound> {
        // SAFETY: DEV-LIVE by `self`, DEV-CONTEXT by the caller, both for the lifetime of `self`.
        unsafe { Device::from_raw(self.as_raw()) }
    }
}

impl<Ctx: DeviceContext> Device<Ctx> {
    /// The device's name, as in sysfs. Any context.
    ///
    /// The name of a registered device changes only through C's `device_rename()`, which network devices, and none of
    /// the buses of this crate, use.
    pub fn name(&self) -> &CStr {
        // SAFETY: `dev_name()` wants an initialised device: DEV-LIVE.
        let name = unsafe { bindings::lb_dev_name(self.as_raw()) };
        // SAFETY: it returns a C string that lives as long as the device keeps its name, see above.
        unsafe { CStr::from_char_ptr(name) }
    }

    /// Sets the driver's data pointer.
    ///
    /// # Safety
    ///
    /// The caller must be what binds the device, inside one of its bus callbacks.
    pub(crate) unsafe fn set_drvdata_ptr(&self, data: *mut c_void) {
        // SAFETY: `dev_set_drvdata()` wants an initialised device: DEV-LIVE; the caller owns the field.
        unsafe { bindings::lb_dev_set_drvdata(self.as_raw(), data) }
    }
}

/// A kind whose devices can be told from all others.
///
/// # Safety
///
/// A device of which [`IS_KIND`](Self::IS_KIND) says so must be embedded in a [`Raw`](Kind::Raw).
pub unsafe trait Recognized: Kind {
    /// Whether a live device is of this kind. Any context.
    const IS_KIND: unsafe extern "C" fn(*const bindings::device) -> bool;
}

impl<'a, Ctx: DeviceContext, K: Recognized> TryFrom<&'a Device<Ctx>> for &'a Device<Ctx, K> {
    type Error = Error;

    /// The bus' own device around a plain one. Any context.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the device is of another kind.
    fn try_from(device: &'a Device<Ctx>) -> Result<Self> {
        // SAFETY: `IS_KIND` requires a live device: DEV-LIVE.
        if !unsafe { K::IS_KIND(device.as_raw()) } {
            return Err(EINVAL);
        }
        // SAFETY: `embedded_in` requires a `K::Raw` around the device: `Recognized` promises one.
        Ok(unsafe { device.embedded_in() })
    }
}

impl<Ctx: DeviceContext> Device<Ctx> {
    /// The structure of a bus around this device. Any context.
    ///
    /// # Safety
    ///
    /// The device must be embedded in a `K::Raw`.
    pub(crate) unsafe fn embedded_in<K: Kind>(&self) -> &Device<Ctx, K> {
        let outer = self.as_raw().wrapping_byte_sub(K::DEVICE_OFFSET).cast();
        // SAFETY: `from_raw` requires a live `K::Raw`: it is around the device (the caller), lives as long, and is in the
        // same context.
        unsafe { Device::from_raw(outer) }
    }
}

impl<Ctx: DeviceContext, K: Kind> AsRef<Device<Ctx>> for Device<Ctx, K> {
    fn as_ref(&self) -> &Device<Ctx> {
        self.as_generic()
    }
}

// The ladder: each step forgets something that is known, so it needs no more than the one above has.
macro_rules! ladder {
    ($(<$($lifetime:lifetime)?> $from:ty => $to:ty;)*) => { $(
        impl<$($lifetime,)? K: Kind> Deref for Device<$from, K> {
            type Target = Device<$to, K>;

            fn deref(&self) -> &Self::Target {
                // SAFETY: DEV-LIVE by `self`; what the lower context says follows from the higher.
                unsafe { Device::from_raw(self.as_raw()) }
            }
        }

        impl<$($lifetime,)? K: Kind> From<&Device<$from, K>> for ARef<Device<Normal, K>> {
            fn from(device: &Device<$from, K>) -> Self {
                // SAFETY: DEV-LIVE by `device`; `Normal` claims nothing.
                let normal: &Device<Normal, K> = unsafe { Device::from_raw(device.as_raw()) };
                normal.into()
            }
        }
    )* };
}

ladder! {
    <'a> CoreInternal<'a> => Core<'a>;
    <'a> Core<'a> => Bound;
    <> BoundInternal => Bound;
    <> Bound => Normal;
}

// SAFETY: `get` and `put` count references that keep the whole structure (`Kind`).
unsafe impl<K: Kind> AlwaysRefCounted for Device<Normal, K> {
    fn inc_ref(&self) {
        // SAFETY: `get` wants a device that is referenced: DEV-LIVE.
        unsafe { K::get(self.as_raw()) };
    }

    unsafe fn dec_ref(object: NonNull<Self>) {
        // SAFETY: the caller owns a reference, so the device is alive here.
        let raw = unsafe { object.as_ref() }.as_raw();
        // SAFETY: the caller owns the reference, and gives it up.
        unsafe { K::put(raw) };
    }
}

// SAFETY: a device may be used and its last reference dropped on any thread; the C side locks.
unsafe impl<K: Kind> Send for Device<Normal, K> {}

// SAFETY: what safe code can do with `&Device<Normal>` C allows concurrently.
unsafe impl<K: Kind> Sync for Device<Normal, K> {}

// SAFETY: `Bound` promises that the driver stays bound as long as the reference lives, on whichever thread. Methods of
// a bound device must be fit for concurrent calls; what is only legal inside a callback belongs to `Core`, which is
// neither `Send` nor `Sync`.
unsafe impl<K: Kind> Sync for Device<Bound, K> {}

#[cfg(lifebound_kunit)]
mod kunit;
