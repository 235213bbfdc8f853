// SPDX-License-Identifier: GPL-2.0

//! The binding of a device to a driver of this module: where the driver's data is, and whether it still is.
//!
//! A [`Binding`] is a node among the device's managed resources, added before the driver's `probe` runs. The node's
//! release function is the key by which this module finds it, so a data pointer that somebody else left in the device
//! is never taken for ours, and a module can tell the devices that it has bound from all others.

use core::{
    pin::Pin,
    ptr::NonNull,
    sync::atomic::{AtomicPtr, Ordering},
};

use super::{Bus, Ops, power::Power};
use crate::{
    bindings,
    device::{Bound, CoreInternal, Device, DeviceContext, Kind},
    devres, dma,
    ffi::c_void,
    prelude::*,
    scope::Scope,
    types::{
        ForLt,
        for_lt::{erase, restore},
    },
};

/// A driver's data, as a family of types.
struct DataOf<T>(core::marker::PhantomData<T>);

impl<T: Ops> ForLt for DataOf<T> {
    type Of<'a> = T::Data<'a>;
}

type Erased<T> = <DataOf<T> as ForLt>::Of<'static>;

/// What a binding keeps. Lives in memory of the device's managed resources, until they are released.
///
/// # Invariants
///
/// - BIND-OURS: found only on a device that this module has bound, or is binding, to a driver of its own.
/// - BIND-DATA: while `data` is not null, `probe` has completed, `data` owns a `KBox<Erased<T>>` for the `T` whose
///   `drop` stands beside it, and what that borrows from the binding is alive.
pub(crate) struct Binding {
    data: AtomicPtr<c_void>,
    drop: unsafe fn(NonNull<c_void>),
    power: Power,
    /// What may borrow the data, and what was entered for the device alone.
    scope: Scope<'static>,
    dma: dma::State,
}

impl Binding {
    /// Enters a binding without data, for as long as the device's managed resources are kept. May sleep.
    pub(super) fn attach<'a, T: Ops>(
        device: &'a Device<CoreInternal<'_>, T::Bus>,
    ) -> Result<&'a Self> {
        // SAFETY: the shim allocates; its release function is one for a node of any content that needs no drop.
        let node = unsafe {
            bindings::lb_devres_alloc(
                Some(bindings::lb_binding_release),
                size_of::<Self>(),
                bindings::LB_GFP_KERNEL,
                c"lifebound_binding".as_char_ptr(),
            )
        };
        let node = NonNull::new(node).ok_or(ENOMEM)?.cast::<Self>();
        // INVARIANT: BIND-OURS: a bus callback of this module runs (`CoreInternal`). BIND-DATA: there is none.
        // SAFETY: the memory is fresh, of this size, and aligned for pointers as all of `kmalloc()` is.
        unsafe {
            node.write(Self {
                data: AtomicPtr::default(),
                drop: drop_data::<T>,
                power: Power::new(),
                scope: Scope::new(device.as_generic()),
                dma: dma::State::new(),
            })
        };
        // SAFETY: the node stays in place until the device's resources are released, which is after the callback.
        let binding = unsafe { node.as_ref() };
        // INVARIANT: SCOPE-DRAINED: the machinery drains it when `probe` fails and in `remove`, under the device lock,
        // before the data is dropped.
        // SAFETY: it is in place, and this is the one call.
        unsafe { binding.scope.open() };
        // SAFETY: `devres_add()` wants a live device and a node that is not on a list.
        unsafe { bindings::devres_add(device.as_raw_device(), node.as_ptr().cast()) };
        Ok(binding)
    }

    /// Finds this module's binding of a device. Any context.
    pub(crate) fn find<K: Kind>(device: &Device<Bound, K>) -> Option<&Self> {
        // SAFETY: `devres_find()` wants a live device; without a match function the release function decides.
        let node = unsafe {
            bindings::devres_find(
                device.as_raw_device(),
                Some(bindings::lb_binding_release),
                None,
                core::ptr::null_mut(),
            )
        };
        // SAFETY: a node with that release function is one of `attach`, and stays while the device is bound, which
        // it is as long as `device` lives.
        NonNull::new(node).map(|node| unsafe { node.cast().as_ref() })
    }

    /// What is known about the device's DMA.
    pub(crate) fn dma(&self) -> &dma::State {
        &self.dma
    }

    /// Whether the device is in service: `probe` has succeeded, and `unbind` not returned. Any context.
    ///
    /// # Safety
    ///
    /// `device` must be alive, and if it has a binding of this module, that must not end meanwhile.
    pub(crate) unsafe fn is_settled(device: *mut bindings::device) -> bool {
        // SAFETY: the caller vouches for DEV-LIVE; the reference does not leave this function, and while it has a binding
        // the device is bound.
        let device = unsafe { Device::<Bound>::from_raw(device) };
        Self::find(device).is_some_and(|binding| binding.dma.is_settled())
    }

    /// Says that `unbind` has returned: from now on the device's state is nobody's business.
    pub(super) fn unsettle(&self) {
        self.dma.set_settled(false);
    }

    /// Builds the driver's data and keeps it. May sleep. On error nothing is kept.
    pub(super) fn fill<'bound, T: Ops>(
        &self,
        device: &'bound Device<CoreInternal<'_>, T::Bus>,
        init: impl PinInit<T::Data<'bound>, Error>,
    ) -> Result {
        let data: Pin<KBox<T::Data<'bound>>> = KBox::try_pin_init(init, GFP_KERNEL)?;
        // SAFETY: the box stays pinned: it is only dropped in place, by `drop_data`.
        let data = KBox::into_raw(unsafe { Pin::into_inner_unchecked(data) });
        // SAFETY: `into_raw` never returns null.
        let data = unsafe { NonNull::new_unchecked(data) };
        let data = erase::<DataOf<T>>(data).cast::<c_void>();
        // INVARIANT: BIND-DATA: `probe` has completed; `attach` was called for the same `T`.
        self.data.store(data.as_ptr(), Ordering::Release);
        // SAFETY: this is the callback that binds the device.
        unsafe { device.as_generic().set_drvdata_ptr(data.as_ptr()) };
        Ok(())
    }

    /// The binding's root scope, for `'static` data.
    pub(crate) fn scope(&self) -> &Scope<'static> {
        &self.scope
    }

    /// Calls the driver's `attach`, right after [`fill`](Self::fill). May sleep.
    pub(super) fn attach_driver<T: Ops>(
        &self,
        device: &Device<CoreInternal<'_>, T::Bus>,
    ) -> Result {
        self.with_data::<T, _, _>(device, |device, data, scope| T::attach(device, data, scope))
            .unwrap_or(Ok(()))?;
        self.power.begin(device)?;
        self.dma.set_settled(true);
        devres::release_abandoned(device.as_generic());
        Ok(())
    }

    /// Lends the driver's data, if there is any, and the scope, for lifetimes that the callback cannot choose.
    ///
    /// To be called in a callback of the bus, or of what ends before [`release`](Self::release); without the device
    /// lock, only for data that is `Sync`.
    pub(super) fn with_data<T: Ops, C: DeviceContext, R>(
        &self,
        device: &Device<C, T::Bus>,
        callback: impl for<'bound, 'x> FnOnce(
            &'bound Device<C, T::Bus>,
            Pin<&'x T::Data<'bound>>,
            &'x Scope<'x>,
        ) -> R,
    ) -> Option<R> {
        let data = NonNull::new(self.data.load(Ordering::Acquire))?.cast::<Erased<T>>();
        // SAFETY: from `erase` in `fill` for the same `T` (BIND-DATA, and the callbacks of a driver are all of one
        // `T`). What it borrows lives until `release`, which runs after this.
        let data = unsafe { restore::<DataOf<T>>(data) };
        // SAFETY: the data is alive (BIND-DATA) and only lent shared.
        let data = unsafe { data.as_ref() };
        // SAFETY: `fill` pinned it.
        let data = unsafe { Pin::new_unchecked(data) };
        // SAFETY: the scope is drained before the data is dropped (SCOPE-DRAINED), and `callback` works for any lifetime.
        let scope = unsafe { self.scope.with_lifetime() };
        Some(callback(device, data, scope))
    }

    /// The account of the device's power.
    pub(crate) fn power(&self) -> &Power {
        &self.power
    }

    /// Drops the driver's data, if there is any, and gives back what the binding has of the device's power: the one place
    /// where a binding ends. The first call does it, later ones do nothing.
    ///
    /// The device still has its pointer to the data while the data's own `Drop` runs; it is cleared last.
    pub(super) fn release<B: Bus>(&self, device: &Device<CoreInternal<'_>, B>) {
        let data = self.data.swap(core::ptr::null_mut(), Ordering::AcqRel);
        if let Some(data) = NonNull::new(data) {
            // SAFETY: BIND-DATA; the pointer was taken out above, so this is the only call for it.
            unsafe { (self.drop)(data) };
            // SAFETY: this is the callback that unbinds the device.
            unsafe { device.as_generic().set_drvdata_ptr(core::ptr::null_mut()) };
        }
        self.power.release(device);
    }
}

/// Drops the data of a binding.
///
/// # Safety
///
/// `data` must own a `KBox<Erased<T>>`; ownership passes to this function.
unsafe fn drop_data<T: Ops>(data: NonNull<c_void>) {
    // SAFETY: the caller gives up the box. Code is the same for all lifetimes of a type, so it may be dropped as the
    // one that it was stored under.
    drop(unsafe { KBox::from_raw(data.as_ptr().cast::<Erased<T>>()) });
}
