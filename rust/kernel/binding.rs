// SPDX-License-Identifier: GPL-2.0

//! The binding of a device to a driver of this module: the driver's data, its scope, and all other
//! state that the crate keeps for the device until the binding ends.
//!
//! C header: [`include/linux/device/devres.h`](srctree/include/linux/device/devres.h)
//!
//! [`driver`](crate::driver) begins and ends bindings. Other modules find the binding of a
//! `Device<Bound>` by [`of`], whose cost does not depend on the number of the device's resources. A
//! binding consists of
//!
//! - the driver's data, if `probe` has built it;
//! - the [scope](crate::scope), which owns everything that calls back into the driver;
//! - the managed resources ([`Managed`]), which are released after the data was dropped;
//! - the parts ([`Part`]) that the bus names: each is defined in the module that needs it.
//!
//! # How a binding is found
//!
//! A binding lies in memory of the device's managed resources (C's `devres`). It is added there
//! before `probe` runs. Until the binding ends, the device's `driver_data` points to it, and the
//! device's driver carries a mark of this module. There are two ways to find it:
//!
//! 1. A caller with a `Device<Bound>` uses [`of`], which compares the mark and takes the pointer.
//! 2. C makes some callbacks even without a successful probe, and a binding may not have begun
//!    then. Such a callback uses [`Binding::search`], which searches the device's managed resources
//!    for the binding's release function. So it never takes a data pointer that another driver left
//!    in the device for a binding of this module.

use core::{
    any::TypeId,
    marker::PhantomData,
    mem::offset_of,
    pin::Pin,
    ptr::{self, NonNull},
    sync::atomic::{AtomicPtr, AtomicU8, Ordering},
};

use pin_init::{PinInit, pin_data, pin_init};

use crate::{
    alloc::{KBox, flags::GFP_KERNEL},
    bindings,
    device::{CoreInternal, Device, DeviceContext, Kind},
    error::{Error, Result, code::ENOMEM},
    ffi::c_void,
    init::InPlaceInit as _,
    scope::Scope,
    str::CStrExt as _,
    types::{
        ForLt,
        for_lt::{erase, restore},
    },
};

mod handle;
mod managed;
mod part;
mod spares;

pub(crate) use handle::{Binding, MARK, of};
use handle::{ENDED, ENDING, Functions, Head, IN_SERVICE, Moment, PROBING};
pub(crate) use managed::{Links, Managed};
pub(crate) use part::{Part, Parts};
pub(crate) use spares::Spare;

/// A binding in memory.
#[pin_data]
#[repr(C)]
struct Record<P> {
    #[pin]
    head: Head,
    parts: P,
}

/// The functions of bindings with data `F` and parts `P`.
struct For<F, P>(PhantomData<(F, P)>);

impl<F: ForLt, P: Parts> For<F, P> {
    const FUNCTIONS: &'static Functions = &Functions {
        drop_data: drop_data::<F>,
        find: find::<P>,
        tell: tell::<P>,
    };
}

/// Drops the data of a binding.
///
/// # Safety
///
/// `data` must own a `KBox<F::Of<'static>>`. The ownership passes to this function.
unsafe fn drop_data<F: ForLt>(data: NonNull<c_void>) {
    // SAFETY: `KBox::from_raw` requires the ownership of a box of this type; the caller passes it.
    // The code is the same for all lifetimes of a type, so the box may be dropped under the
    // lifetime with which it was stored.
    drop(unsafe { KBox::from_raw(data.as_ptr().cast::<F::Of<'static>>()) });
}

/// The parts that lie behind a head.
///
/// # Safety
///
/// `head` must be the head of a live `Record<P>`, with the provenance of the whole record.
unsafe fn parts_of<P>(head: NonNull<Head>) -> NonNull<P> {
    let offset = offset_of!(Record<P>, parts);
    // SAFETY: `byte_add` requires an offset within the same object; the caller vouches for a record
    // around the head.
    unsafe { head.byte_add(offset) }.cast()
}

/// Finds a part.
///
/// # Safety
///
/// The requirements are those of [`parts_of`].
unsafe fn find<P: Parts>(head: NonNull<Head>, part: TypeId) -> Option<NonNull<()>> {
    // SAFETY: `parts_of` requires the head of a live `Record<P>`; the caller vouches for it.
    P::find(unsafe { parts_of(head) }, part)
}

/// Calls the hooks of all parts.
///
/// # Safety
///
/// The requirements are those of [`parts_of`].
unsafe fn tell<P: Parts>(head: NonNull<Head>, moment: Moment, binding: Binding<'_>) -> Result {
    // SAFETY: `parts_of` requires the head of a live `Record<P>`; the caller vouches for it.
    let parts = unsafe { parts_of::<P>(head) };
    // SAFETY: `as_ref` requires initialised parts that nobody borrows uniquely; they are only
    // shared from `begin` on.
    unsafe { parts.as_ref() }.tell(moment, binding)
}

impl<'a> Binding<'a> {
    /// Begins a binding without data.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub(crate) fn begin<F: ForLt, K: Kind, P: Parts>(
        device: &'a Device<CoreInternal<'_>, K>,
        parts: P,
    ) -> Result<Self> {
        // SAFETY: the shim requires a release function that fits the memory's content;
        // `lb_binding_release` fits any content.
        let memory = unsafe {
            bindings::lb_devres_alloc(
                Some(bindings::lb_binding_release),
                size_of::<Record<P>>(),
                bindings::LB_GFP_KERNEL,
                c"lifebound_binding".as_char_ptr(),
            )
        };
        let memory = NonNull::new(memory).ok_or(ENOMEM)?.cast::<Record<P>>();
        let head = pin_init!(Head {
            data: AtomicPtr::default(),
            phase: AtomicU8::new(PROBING),
            kind: For::<F, P>::FUNCTIONS,
            // INVARIANT: SCOPE-DRAINED: the machinery drains the scope when `probe` fails and in
            // `remove`, under the device lock, before the data is dropped.
            // SAFETY: `new` requires that the caller establishes SCOPE-DRAINED: see above.
            scope <- unsafe { Scope::new(device.as_generic()) },
            managed <- Managed::new(),
        });
        let record = pin_init!(Record { head <- head, parts });
        // SAFETY: `__pinned_init` requires fresh memory for a `Record<P>` that stays in place until
        // the value is dropped. The memory has this size, and is aligned as all memory of
        // `kmalloc()`. C frees it after `end`, and the fields of a record need no drop.
        let Ok(()) = unsafe { record.__pinned_init(memory.as_ptr()) };
        // SAFETY: `from_head` requires a record that stays in place for the result's lifetime; it
        // was made above, and C frees it after the callback.
        let binding = unsafe { Self::from_head(memory.cast()) };
        // INVARIANT: BIND-OURS: a bus callback of this module runs (`CoreInternal`). BIND-DATA:
        // there is no data yet.
        // SAFETY: `devres_add()` requires a live device and a node that is not on a list; DEV-LIVE
        // gives the first, and the node is new.
        unsafe { bindings::devres_add(device.as_raw_device(), memory.as_ptr().cast()) };
        // INVARIANT: BIND-MARKED: the callback belongs to a driver that `driver::Registration` has
        // marked.
        // SAFETY: `set_drvdata_ptr` requires the bus callback that binds the device; this runs in
        // it.
        unsafe { device.as_generic().set_drvdata_ptr(memory.as_ptr().cast()) };
        Ok(binding)
    }

    /// Builds the driver's data, and keeps it. On error nothing is kept.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Safety
    ///
    /// `F` must be that of the call of [`begin`](Self::begin).
    pub(crate) unsafe fn fill<'bound, F: ForLt>(
        self,
        init: impl PinInit<F::Of<'bound>, Error>,
    ) -> Result {
        let data: Pin<KBox<F::Of<'bound>>> = KBox::try_pin_init(init, GFP_KERNEL)?;
        // SAFETY: `into_inner_unchecked` requires that the content does not move; only `drop_data`
        // drops it, in place.
        let data = KBox::into_raw(unsafe { Pin::into_inner_unchecked(data) });
        // SAFETY: `new_unchecked` requires a pointer that is not null; `into_raw` never returns
        // null.
        let data = unsafe { NonNull::new_unchecked(data) };
        let data = erase::<F>(data).cast::<c_void>();
        // INVARIANT: BIND-DATA: `probe` has completed. The caller vouches that `begin` was called
        // for the same `F`.
        self.head().data.store(data.as_ptr(), Ordering::Release);
        Ok(())
    }

    /// Lends the driver's data, if there is any, and the scope, for lifetimes that the callback
    /// cannot choose.
    ///
    /// # Safety
    ///
    /// 1. `F` must be that of the call of [`begin`](Self::begin), and `device` the binding's.
    /// 2. The caller must be a callback of the bus, or another callback that ends before
    ///    [`end`](Self::end). If it does not hold the device lock, the data must be `Sync`.
    pub(crate) unsafe fn with_data<F: ForLt, K: Kind, C: DeviceContext, R>(
        self,
        device: &Device<C, K>,
        callback: impl for<'bound, 'x> FnOnce(
            &'bound Device<C, K>,
            Pin<&'x F::Of<'bound>>,
            &'x Scope<'x>,
        ) -> R,
    ) -> Option<R> {
        let data = self.head().data.load(Ordering::Acquire);
        let data = NonNull::new(data)?.cast::<F::Of<'static>>();
        // SAFETY: `restore` requires data that `erase` returned for the same `F`, whose borrows are
        // alive. `fill` erased it, for this `F` by (1). Its borrows live until `end`, which runs
        // after this by (2).
        let data = unsafe { restore::<F>(data) };
        // SAFETY: `as_ref` requires live data that nobody borrows uniquely; BIND-DATA gives the
        // first, and the data is only shared.
        let data = unsafe { data.as_ref() };
        // SAFETY: `new_unchecked` requires data that does not move; `fill` pinned it.
        let data = unsafe { Pin::new_unchecked(data) };
        // SAFETY: `with_lifetime` requires that each entry end before the lifetime does. The scope
        // is drained before the data is dropped (SCOPE-DRAINED), and `callback` works for any
        // lifetime.
        let scope = unsafe { self.head().scope.with_lifetime() };
        Some(callback(device, data, scope))
    }

    /// Takes the device into service. The caller calls this after `attach` has succeeded.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The error of a part. The caller then ends the binding.
    #[inline]
    pub(crate) fn enter_service(self) -> Result {
        self.head().phase.store(IN_SERVICE, Ordering::Release);
        self.tell(Moment::InService)
    }

    /// Tells the parts that the binding is about to end, before `unbind` is called.
    ///
    /// Context: process context; may sleep.
    #[inline]
    pub(crate) fn prepare_end(self) {
        // Hooks of this moment return no error.
        let _ = self.tell(Moment::Ending);
    }

    /// Ends everything that calls back into the driver, after `unbind`, or after `probe` has
    /// failed.
    ///
    /// Context: process context; may sleep.
    #[inline]
    pub(crate) fn leave_service(self) {
        self.head().phase.store(ENDING, Ordering::Release);
        // Hooks of this moment return no error.
        let _ = self.tell(Moment::LeavingService);
        self.head().scope.drain();
    }

    /// Tells the parts that the data outlives the bus' remove callback.
    ///
    /// Context: process context; may sleep.
    pub(crate) fn keep(self) {
        // Hooks of this moment return no error.
        let _ = self.tell(Moment::Kept);
    }

    /// Drops the driver's data, if there is any, then releases the managed resources. Bindings end
    /// only here. Later calls do nothing.
    ///
    /// Context: process context; may sleep.
    pub(crate) fn end(self, device: &Device<CoreInternal<'_>, impl Kind>) {
        let head = self.head();
        if head.phase.swap(ENDED, Ordering::AcqRel) == ENDED {
            return;
        }
        let data = head.data.swap(ptr::null_mut(), Ordering::AcqRel);
        if let Some(data) = NonNull::new(data) {
            // SAFETY: `drop_data` requires the ownership of the data; BIND-DATA gives it, and the
            // pointer was taken out above, so no other call has it.
            unsafe { (head.kind.drop_data)(data) };
        }
        // Hooks of these moments return no error.
        let _ = self.tell(Moment::DataDropped);
        head.managed.drain();
        let _ = self.tell(Moment::Released);
        // SAFETY: `set_drvdata_ptr` requires a bus callback of the driver; this runs in the one
        // that unbinds the device.
        unsafe { device.as_generic().set_drvdata_ptr(ptr::null_mut()) };
    }
}
