// SPDX-License-Identifier: GPL-2.0

//! The binding of a device to a driver of this module: the driver's data, its scope, and what else has to be known of
//! the device until the binding ends.
//!
//! C header: [`include/linux/device/devres.h`](srctree/include/linux/device/devres.h)
//!
//! [`driver`](crate::driver) begins and ends bindings. Everything else asks for the binding of a `Device<Bound>` with
//! [`of`], which costs the same however many resources the device has. A binding consists of
//!
//! - the driver's data, if `probe` has built it;
//! - the [scope](crate::scope), which owns what calls back into the driver;
//! - the managed resources ([`Managed`]), which are released after the data was dropped;
//! - the parts ([`Part`]) that the bus names: each lives in the module that needs it.
//!
//! # How it is found
//!
//! A binding lies in memory of the device's managed resources (C's `devres`), added before `probe` runs. While it is
//! there the device's `driver_data` points to it, and the driver carries a mark of this module. A caller with a
//! `Device<Bound>` compares the mark and takes the pointer. Where a binding may not have begun yet, in callbacks that C
//! makes without a successful probe, [`Binding::search`] looks for it among the device's managed resources by its
//! release function, so that a data pointer that somebody else left in the device is never taken for ours.

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

pub(crate) use handle::{Binding, MARK, of};
use handle::{ENDED, ENDING, Functions, Head, IN_SERVICE, Moment, PROBING};
pub(crate) use managed::{Links, Managed};
pub(crate) use part::{Part, Parts};

/// A binding in memory.
#[pin_data]
#[repr(C)]
struct Record<P> {
    #[pin]
    head: Head,
    parts: P,
}

/// The functions for data `F` and parts `P`.
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
/// `data` must own a `KBox<F::Of<'static>>`; ownership passes to this function.
unsafe fn drop_data<F: ForLt>(data: NonNull<c_void>) {
    // SAFETY: the caller gives up the box. Code is the same for all lifetimes of a type, so it may be dropped as the
    // one that it was stored under.
    drop(unsafe { KBox::from_raw(data.as_ptr().cast::<F::Of<'static>>()) });
}

/// The parts behind a head.
///
/// # Safety
///
/// `head` must be that of a live `Record<P>`, with the provenance of all of it.
unsafe fn parts_of<P>(head: NonNull<Head>) -> NonNull<P> {
    let offset = offset_of!(Record<P>, parts);
    // SAFETY: `byte_add` requires an offset within the same object; the record is around the head (the caller).
    unsafe { head.byte_add(offset) }.cast()
}

/// Finds a part.
///
/// # Safety
///
/// As for [`parts_of`].
unsafe fn find<P: Parts>(head: NonNull<Head>, part: TypeId) -> Option<NonNull<()>> {
    // SAFETY: `parts_of` requires the head of a `Record<P>`: so does this function.
    P::find(unsafe { parts_of(head) }, part)
}

/// Calls the hooks of all parts.
///
/// # Safety
///
/// As for [`parts_of`].
unsafe fn tell<P: Parts>(head: NonNull<Head>, moment: Moment, binding: Binding<'_>) -> Result {
    // SAFETY: `parts_of` requires the head of a `Record<P>`: so does this function.
    let parts = unsafe { parts_of::<P>(head) };
    // SAFETY: `as_ref` requires initialised parts that nobody has exclusively: they are shared from `begin` on.
    unsafe { parts.as_ref() }.tell(moment, binding)
}

impl<'a> Binding<'a> {
    /// Begins a binding without data. May sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub(crate) fn begin<F: ForLt, K: Kind, P: Parts>(
        device: &'a Device<CoreInternal<'_>, K>,
        parts: P,
    ) -> Result<Self> {
        // SAFETY: the shim allocates; its release function is one for memory of any content.
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
            scope: Scope::new(device.as_generic()),
            managed <- Managed::new(),
        });
        let record = pin_init!(Record { head <- head, parts });
        // SAFETY: `__pinned_init` requires fresh memory that stays in place until the value is dropped. It is of this
        // size, and aligned as all of `kmalloc()` is. C frees it after `end`, and what a record keeps needs no drop.
        let Ok(()) = unsafe { record.__pinned_init(memory.as_ptr()) };
        // SAFETY: `from_head` requires a record that stays in place: it was made above, and goes after the callback.
        let binding = unsafe { Self::from_head(memory.cast()) };
        // INVARIANT: SCOPE-DRAINED: the machinery drains it when `probe` fails and in `remove`, under the device lock,
        // before the data is dropped.
        // SAFETY: `open` requires that the scope is in its place; this is the one call.
        unsafe { binding.head().scope.open() };
        // INVARIANT: BIND-OURS: a bus callback of this module runs (`CoreInternal`). BIND-DATA: there is none.
        // SAFETY: `devres_add()` requires a live device and a node that is not on a list.
        unsafe { bindings::devres_add(device.as_raw_device(), memory.as_ptr().cast()) };
        // INVARIANT: BIND-MARKED: the callback is one of a driver that `driver::Registration` has marked.
        // SAFETY: this is the callback that binds the device.
        unsafe { device.as_generic().set_drvdata_ptr(memory.as_ptr().cast()) };
        Ok(binding)
    }

    /// Builds the driver's data and keeps it. May sleep. On error nothing is kept.
    ///
    /// # Safety
    ///
    /// `F` must be that of [`begin`](Self::begin).
    pub(crate) unsafe fn fill<'bound, F: ForLt>(
        self,
        init: impl PinInit<F::Of<'bound>, Error>,
    ) -> Result {
        let data: Pin<KBox<F::Of<'bound>>> = KBox::try_pin_init(init, GFP_KERNEL)?;
        // SAFETY: the box stays pinned: it is only dropped in place, by `drop_data`.
        let data = KBox::into_raw(unsafe { Pin::into_inner_unchecked(data) });
        // SAFETY: `into_raw` never returns null.
        let data = unsafe { NonNull::new_unchecked(data) };
        let data = erase::<F>(data).cast::<c_void>();
        // INVARIANT: BIND-DATA: `probe` has completed; `begin` was called for the same `F` (the caller).
        self.head().data.store(data.as_ptr(), Ordering::Release);
        Ok(())
    }

    /// Lends the driver's data, if there is any, and the scope, for lifetimes that the callback cannot choose.
    ///
    /// # Safety
    ///
    /// 1. `F` must be that of [`begin`](Self::begin), and `device` the binding's.
    /// 2. The caller must be a callback of the bus, or of what ends before [`end`](Self::end); without the device lock,
    ///    the data must be `Sync`.
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
        // SAFETY: from `erase` in `fill` for the same `F` (1). What it borrows lives until `end`, which runs after this.
        let data = unsafe { restore::<F>(data) };
        // SAFETY: the data is alive (BIND-DATA) and only lent shared.
        let data = unsafe { data.as_ref() };
        // SAFETY: `fill` pinned it.
        let data = unsafe { Pin::new_unchecked(data) };
        // SAFETY: the scope is drained before the data is dropped (SCOPE-DRAINED), and `callback` works for any lifetime.
        let scope = unsafe { self.head().scope.with_lifetime() };
        Some(callback(device, data, scope))
    }

    /// Takes the device into service, once `attach` has succeeded. May sleep.
    ///
    /// # Errors
    ///
    /// A part's; the caller then ends the binding.
    pub(crate) fn enter_service(self) -> Result {
        self.head().phase.store(IN_SERVICE, Ordering::Release);
        self.tell(Moment::InService)
    }

    /// Tells the parts that the binding is about to end, before `unbind` is called. May sleep.
    pub(crate) fn prepare_end(self) {
        // No part has an error to tell at this moment.
        let _ = self.tell(Moment::Ending);
    }

    /// Ends what calls back into the driver, after `unbind` or when `probe` has failed. May sleep.
    pub(crate) fn leave_service(self) {
        self.head().phase.store(ENDING, Ordering::Release);
        self.head().scope.drain();
    }

    /// Tells the parts that the data outlives the bus' remove callback. May sleep.
    pub(crate) fn keep(self) {
        // As in `prepare_end`.
        let _ = self.tell(Moment::Kept);
    }

    /// Drops the driver's data, if there is any, then releases the managed resources: the one place where a binding ends.
    /// May sleep. Later calls do nothing.
    pub(crate) fn end(self, device: &Device<CoreInternal<'_>, impl Kind>) {
        let head = self.head();
        if head.phase.swap(ENDED, Ordering::AcqRel) == ENDED {
            return;
        }
        let data = head.data.swap(ptr::null_mut(), Ordering::AcqRel);
        if let Some(data) = NonNull::new(data) {
            // SAFETY: BIND-DATA; the pointer was taken out above, so this is the only call for it.
            unsafe { (head.kind.drop_data)(data) };
        }
        // No part has an error to tell at these moments.
        let _ = self.tell(Moment::DataDropped);
        head.managed.drain();
        let _ = self.tell(Moment::Released);
        // SAFETY: this is the callback that unbinds the device.
        unsafe { device.as_generic().set_drvdata_ptr(ptr::null_mut()) };
    }
}
