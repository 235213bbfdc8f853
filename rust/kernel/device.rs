// SPDX-License-Identifier: GPL-2.0

//! Devices, and the operations that are allowed at each point of a program.
//!
//! C header: [`include/linux/device.h`](srctree/include/linux/device.h)
//!
//! [`Device<Ctx, K>`] is a C device. `K` names the C structure of a bus; [`Generic`] is a plain
//! `struct device`. `Ctx` says which facts are known at this point of the program:
//!
//! | context | meaning |
//! |---|---|
//! | [`Normal`] | the device exists; whether a driver is bound is unknown |
//! | [`Bound`] | a driver is bound for as long as the reference lives |
//! | [`Core<'_>`](Core) | a bus callback (`probe`, `unbind`) is running, under the device lock |
//! | [`CoreInternal<'_>`](CoreInternal), [`BoundInternal`] | the same, for this crate's own use |
//!
//! A reference of a higher context dereferences to the next lower context. This file is written
//! once for all buses, including reference counting and thread safety: `pci::Device<Ctx>` is
//! `device::Device<Ctx, pci::Pci>`.

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

/// The C structure that a [`Device`] wraps.
///
/// # Safety
///
/// - A `struct device` must lie [`DEVICE_OFFSET`](Self::DEVICE_OFFSET) bytes into
///   [`Raw`](Self::Raw). A counted reference to it must keep the whole structure alive.
/// - [`get`](Self::get) must count such a reference, which [`put`](Self::put) may give up on any
///   thread.
pub unsafe trait Kind: 'static {
    /// The C structure.
    type Raw;

    /// The offset of its `struct device` in bytes.
    const DEVICE_OFFSET: usize;

    /// Counts a reference.
    ///
    /// Context: any context.
    ///
    /// # Safety
    ///
    /// `raw` must be valid, and somebody must hold a reference to it during the call.
    unsafe fn get(raw: *mut Self::Raw) {
        let device = raw.wrapping_byte_add(Self::DEVICE_OFFSET).cast();
        // SAFETY: `get_device()` requires a device whose count is not zero; the caller vouches for
        // a reference.
        unsafe { bindings::get_device(device) };
    }

    /// Gives up a reference.
    ///
    /// Context: process context; may sleep if the reference was the last.
    ///
    /// # Safety
    ///
    /// The caller must own a reference that [`get`](Self::get) or C has counted. The reference
    /// passes to this function.
    unsafe fn put(raw: *mut Self::Raw) {
        let device = raw.wrapping_byte_add(Self::DEVICE_OFFSET).cast();
        // SAFETY: `put_device()` requires a reference to give up; the caller passes one.
        unsafe { bindings::put_device(device) };
    }
}

/// The [`Kind`] of a plain `struct device`.
pub enum Generic {}

// SAFETY: `Kind` requires a `struct device` at the offset, whose references keep the whole. The
// structure itself lies at offset 0, and lives while it is referenced (`get_device()`).
unsafe impl Kind for Generic {
    type Raw = bindings::device;
    const DEVICE_OFFSET: usize = 0;
}

/// A C device in context `Ctx`; see the [module's documentation](self).
///
/// # Invariants
///
/// - DEV-LIVE: the C structure is initialised and referenced at least as long as the Rust reference
///   to it lives.
/// - DEV-CONTEXT: the facts of `Ctx` hold as long as the Rust reference lives.
#[repr(transparent)]
pub struct Device<Ctx: DeviceContext = Normal, K: Kind = Generic> {
    raw: Opaque<K::Raw>,
    _context: PhantomData<Ctx>,
}

impl<Ctx: DeviceContext, K: Kind> Device<Ctx, K> {
    /// Makes a reference from a C pointer.
    ///
    /// # Safety
    ///
    /// `pointer` must be valid, and DEV-LIVE and DEV-CONTEXT must hold for all of `'a`. The caller
    /// chooses `'a`, so it must pass the result on only under a lifetime that the receiver cannot
    /// choose.
    pub unsafe fn from_raw<'a>(pointer: *mut K::Raw) -> &'a Self {
        // SAFETY: the reference requires a pointer to a live `Device`; it is a transparent wrapper
        // of `Opaque<Raw>`, and the caller vouches for pointer and lifetime.
        unsafe { &*Opaque::cast_from(pointer).cast::<Self>() }
    }

    /// The C pointer, valid as long as the reference.
    pub(crate) fn as_raw(&self) -> *mut K::Raw {
        self.raw.get()
    }

    /// The plain device that is embedded in this one.
    pub(crate) fn as_generic(&self) -> &Device<Ctx> {
        let device = self
            .as_raw()
            .wrapping_byte_add(K::DEVICE_OFFSET)
            .cast::<bindings::device>();
        // SAFETY: `from_raw` requires DEV-LIVE and DEV-CONTEXT. `Kind` puts a `struct device`
        // there, which lives as long as `self` and is in the same context.
        unsafe { Device::from_raw(device) }
    }

    /// The C pointer to the plain device that is embedded in this one.
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
    #[doc(alias = "put_device")]
    pub unsafe fn get_device(pointer: *mut bindings::device) -> ARef<Self> {
        // SAFETY: `from_raw` requires a device that lives while `device` is used; the caller
        // vouches for the pointer during this call, and `into` takes a reference of its own.
        let device: &Self = unsafe { Self::from_raw(pointer) };
        device.into()
    }

    /// The same device in the context [`Bound`].
    ///
    /// # Safety
    ///
    /// A driver must stay bound as long as the reference lives.
    #[doc(alias = "device_is_bound")]
    pub unsafe fn as_bound(&self) -> &Device<Bound> {
        // SAFETY: `from_raw` requires DEV-LIVE and DEV-CONTEXT for the borrow of `self`; `self`
        // gives the first, and the caller vouches for the second.
        unsafe { Device::from_raw(self.as_raw()) }
    }
}

impl<Ctx: DeviceContext> Device<Ctx> {
    /// The name of the device in sysfs.
    ///
    /// Context: any context.
    ///
    /// The name of a registered device changes only through C's `device_rename()`. Network devices
    /// use that function, but no bus of this crate does.
    #[doc(alias = "dev_name")]
    pub fn name(&self) -> &CStr {
        // SAFETY: `dev_name()` requires an initialised device: DEV-LIVE.
        let name = unsafe { bindings::lb_dev_name(self.as_raw()) };
        // SAFETY: `from_char_ptr` requires a C string that lives as long as the borrow;
        // `dev_name()` returns one, and the device keeps its name (see above).
        unsafe { CStr::from_char_ptr(name) }
    }

    /// Sets the driver's data pointer.
    ///
    /// # Safety
    ///
    /// The caller must be the driver that binds the device, in one of its bus callbacks.
    pub(crate) unsafe fn set_drvdata_ptr(&self, data: *mut c_void) {
        // SAFETY: `dev_set_drvdata()` requires an initialised device whose field nobody else uses;
        // DEV-LIVE gives the first, and the field belongs to the caller.
        unsafe { bindings::lb_dev_set_drvdata(self.as_raw(), data) }
    }
}

/// A kind whose devices can be distinguished from all others.
///
/// # Safety
///
/// Each device that [`IS_KIND`](Self::IS_KIND) accepts must be embedded in a [`Raw`](Kind::Raw).
pub unsafe trait Recognized: Kind {
    /// Whether a live device is of this kind.
    ///
    /// Context: any context.
    const IS_KIND: unsafe extern "C" fn(*const bindings::device) -> bool;
}

impl<'a, Ctx: DeviceContext, K: Recognized> TryFrom<&'a Device<Ctx>> for &'a Device<Ctx, K> {
    type Error = Error;

    /// The bus' own device in which a plain device is embedded.
    ///
    /// Context: any context.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the device is of another kind.
    fn try_from(device: &'a Device<Ctx>) -> Result<Self> {
        // SAFETY: `IS_KIND` requires a live device: DEV-LIVE.
        if !unsafe { K::IS_KIND(device.as_raw()) } {
            return Err(EINVAL);
        }
        // SAFETY: `embedded_in` requires a `K::Raw` around the device; `Recognized` promises one.
        Ok(unsafe { device.embedded_in() })
    }
}

impl<Ctx: DeviceContext> Device<Ctx> {
    /// The bus' own device in which this device is embedded.
    ///
    /// Context: any context.
    ///
    /// # Safety
    ///
    /// The device must be embedded in a `K::Raw`.
    pub(crate) unsafe fn embedded_in<K: Kind>(&self) -> &Device<Ctx, K> {
        let outer = self.as_raw().wrapping_byte_sub(K::DEVICE_OFFSET).cast();
        // SAFETY: `from_raw` requires DEV-LIVE and DEV-CONTEXT for a `K::Raw`; the caller vouches
        // for one around the device. It lives as long as the device, and is in the same context.
        unsafe { Device::from_raw(outer) }
    }
}

impl<Ctx: DeviceContext, K: Kind> AsRef<Device<Ctx>> for Device<Ctx, K> {
    fn as_ref(&self) -> &Device<Ctx> {
        self.as_generic()
    }
}

// The ladder of contexts. Each step drops a fact, so the facts of the lower context follow from
// those of the higher.
macro_rules! ladder {
    ($(<$($lifetime:lifetime)?> $from:ty => $to:ty;)*) => { $(
        impl<$($lifetime,)? K: Kind> Deref for Device<$from, K> {
            type Target = Device<$to, K>;

            fn deref(&self) -> &Self::Target {
                // SAFETY: `from_raw` requires DEV-LIVE and DEV-CONTEXT; `self` gives the first, and
                // the facts of the lower context follow from those of the higher.
                unsafe { Device::from_raw(self.as_raw()) }
            }
        }

        impl<$($lifetime,)? K: Kind> From<&Device<$from, K>> for ARef<Device<Normal, K>> {
            fn from(device: &Device<$from, K>) -> Self {
                // SAFETY: `from_raw` requires DEV-LIVE and DEV-CONTEXT; `device` gives the first,
                // and `Normal` claims nothing.
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

// SAFETY: `AlwaysRefCounted` requires that references keep the object; those of `get` and `put`
// keep the whole structure (`Kind`).
unsafe impl<K: Kind> AlwaysRefCounted for Device<Normal, K> {
    fn inc_ref(&self) {
        // SAFETY: `get` requires a device that is referenced during the call: DEV-LIVE.
        unsafe { K::get(self.as_raw()) };
    }

    unsafe fn dec_ref(object: NonNull<Self>) {
        // SAFETY: `as_ref` requires a live device; the caller owns a reference.
        let raw = unsafe { object.as_ref() }.as_raw();
        // SAFETY: `put` requires a reference to give up; the caller passes one.
        unsafe { K::put(raw) };
    }
}

// SAFETY: `Send` requires that any thread may own and drop the value; any thread may use a device
// and give up its last reference, since C takes the locks.
unsafe impl<K: Kind> Send for Device<Normal, K> {}

// SAFETY: `Sync` requires that threads may share the value; C allows concurrent calls of everything
// that safe code can do with a `&Device<Normal>`.
unsafe impl<K: Kind> Sync for Device<Normal, K> {}

// SAFETY: `Sync` requires that threads may share the value. `Bound` promises that the driver stays
// bound as long as the reference lives, on any thread. Methods of a bound device may be called
// concurrently. Methods that are legal only in a callback belong to `Core`, which is neither `Send`
// nor `Sync`.
unsafe impl<K: Kind> Sync for Device<Bound, K> {}

#[cfg(lifebound_kunit)]
mod kunit;
