// SPDX-License-Identifier: GPL-2.0

//! Drivers: registration, and the life of a binding. Written once for all buses.
//!
//! C header: [`include/linux/device/driver.h`](srctree/include/linux/device/driver.h)
//!
//! To add a bus, describe it:
//!
//! 1. a [`Kind`] for its device structure, with `type Device<Ctx> = device::Device<Ctx, ThatKind>`;
//! 2. [`Bus`] for that kind: its driver structure, how to register and unregister one;
//! 3. an id type and table macro ([`device_id`](crate::device_id));
//! 4. a `Driver` trait for authors, and an `Adapter<T: Driver>` that implements [`Ops`] by passing the calls on.
//!
//! What remains is here: `probe` builds the driver's data in place and keeps it (`binding`), `remove` calls
//! `unbind` and drops it, and [`Registration`] ties the driver to the module.

use core::{marker::PhantomData, pin::Pin};

use crate::{
    device::{Core, CoreInternal, Device, Kind},
    error::{from_result, to_result},
    ffi::{c_int, c_void},
    module_scope::ModuleScopeEntry,
    prelude::*,
    types::Opaque,
};

mod binding;

pub(crate) use binding::Binding;

/// A bus on which drivers register.
///
/// # Safety
///
/// - A `struct device_driver` must lie [`DRIVER_OFFSET`](Self::DRIVER_OFFSET) bytes into
///   [`RawDriver`](Self::RawDriver), for which all bytes zero must be valid.
/// - After [`register`](Self::register) succeeded the driver's callbacks may run; [`unregister`](Self::unregister)
///   must unbind all its devices, and return when none of its callbacks runs or will run.
/// - The bus must call `probe` and `remove` under the device lock, and never `remove` without a successful `probe`.
pub unsafe trait Bus: Kind {
    /// The C structure of a driver.
    type RawDriver;

    /// Where its `struct device_driver` is, in bytes.
    const DRIVER_OFFSET: usize;

    /// Registers a driver under `name`. May sleep.
    ///
    /// # Safety
    ///
    /// `driver` must be filled in, not be registered, and stay in place until it is unregistered.
    unsafe fn register(
        driver: *mut Self::RawDriver,
        name: &'static CStr,
        module: &'static ThisModule,
    ) -> c_int;

    /// Unregisters a driver. May sleep.
    ///
    /// # Safety
    ///
    /// `driver` must be registered.
    unsafe fn unregister(driver: *mut Self::RawDriver);
}

/// What a bus' adapter says about one driver.
///
/// # Safety
///
/// [`fill`](Self::fill) must set up nothing but callbacks that end in `probe` and `remove` of the same type, other
/// callbacks that use the driver's data only while it is bound, and tables that live for ever.
pub unsafe trait Ops: Sized + 'static {
    /// The bus.
    type Bus: Bus;

    /// The driver's data for one device.
    type Data<'bound>: Send + 'bound;

    /// What the bus found out about the device before `probe`: the matching id's value.
    type Id;

    /// Fills in the zeroed C structure.
    fn fill(driver: &mut <Self::Bus as Bus>::RawDriver);

    /// Calls the driver's `probe`.
    fn probe<'bound>(
        device: &'bound Device<Core<'_>, Self::Bus>,
        id: Self::Id,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound;

    /// Calls the driver's `unbind`.
    fn unbind<'bound>(device: &'bound Device<Core<'_>, Self::Bus>, data: Pin<&Self::Data<'bound>>);
}

/// Runs `callback` on a device that C handed to one of the bus' callbacks.
///
/// # Safety
///
/// `raw` must be valid, its device lock held and a driver of this crate bound or about to be, until this returns.
unsafe fn in_callback<K: Kind, R>(
    raw: *mut K::Raw,
    callback: impl for<'bound, 'callback> FnOnce(&'bound Device<CoreInternal<'callback>, K>) -> R,
) -> R {
    // SAFETY: the caller vouches for DEV-LIVE and DEV-CONTEXT during this call; `callback` works for any lifetimes, so
    // it can keep nothing of them.
    callback(unsafe { Device::from_raw(raw) })
}

/// The whole of a bus' probe callback: builds the driver's data, and keeps it until the binding ends.
///
/// On error nothing stays: what was built is dropped in reverse order before this returns.
///
/// # Safety
///
/// To be called by the bus' probe callback, for the device that it was called for.
pub(crate) unsafe fn probe<T: Ops>(raw: *mut <T::Bus as Kind>::Raw, id: T::Id) -> c_int {
    from_result(|| {
        // SAFETY: the caller is a probe callback, which `Bus` says to be called under the device lock.
        unsafe {
            in_callback::<T::Bus, _>(raw, |device| {
                let binding = Binding::attach::<T>(device)?;
                binding.fill::<T>(device, T::probe(device, id))?;
                Ok(0)
            })
        }
    })
}

/// The whole of a bus' remove callback: calls `unbind`, then drops the driver's data.
///
/// # Safety
///
/// To be called by C as the remove callback of a driver registered by [`Registration`].
pub(crate) unsafe extern "C" fn remove<T: Ops>(raw: *mut <T::Bus as Kind>::Raw) {
    // SAFETY: this is a remove callback, which `Bus` says to be called under the device lock.
    unsafe {
        in_callback::<T::Bus, _>(raw, |device| {
            let Some(binding) = Binding::find(device) else {
                return;
            };
            binding.with_data::<T, _>(device, |device, data| T::unbind(device, data));
            binding.release(device);
        })
    }
}

/// A registered driver; unregistered, and thereby unbound from its devices, when dropped.
///
/// One that is leaked is unregistered when its module is unloaded.
///
/// # Invariants
///
/// REG-REGISTERED: `driver` is registered from initialisation until `scope` ends it.
#[pin_data]
pub struct Registration<T: Ops> {
    // Dropped first: ends the registration.
    #[pin]
    scope: ModuleScopeEntry,
    #[pin]
    driver: Opaque<<T::Bus as Bus>::RawDriver>,
    _ops: PhantomData<fn(T)>,
}

// SAFETY: nothing can be reached through a registration; its end may be on any thread.
unsafe impl<T: Ops> Send for Registration<T> {}

// SAFETY: nothing can be reached through a shared registration.
unsafe impl<T: Ops> Sync for Registration<T> {}

impl<T: Ops> Registration<T> {
    /// Registers the driver under `name`. May sleep; probes present devices before it returns or, with asynchronous
    /// probing, soon after.
    ///
    /// # Errors
    ///
    /// What the bus' registration function returns, such as `EBUSY` for a name that is taken; nothing is registered
    /// then.
    pub fn new(name: &'static CStr, module: &'static ThisModule) -> impl PinInit<Self, Error>
    where
        T: 'static,
    {
        try_pin_init!(Self {
            driver: Opaque::zeroed(),
            _ops: PhantomData,
            scope <- ModuleScopeEntry::new(),
            _: {
                let raw = driver.get();
                // SAFETY: all bytes zero are a valid driver (`Bus`), and nobody else knows this one.
                T::fill(unsafe { &mut *raw });
                // SAFETY: it is filled in; it is pinned, and unregistered before it goes (`scope`).
                to_result(unsafe { T::Bus::register(raw, name, module) })?;
                // SAFETY: the driver is registered, so it may be unregistered, once and on any thread; it is pinned
                // in the same memory as `scope`.
                unsafe { scope.arm(raw.cast(), unregister::<T>) };
            },
        })
    }
}

/// Ends a registration; for [`ModuleScopeEntry::arm`].
unsafe extern "C" fn unregister<T: Ops>(driver: *mut c_void) {
    // SAFETY: `Registration::new` armed the entry with its registered driver.
    unsafe { T::Bus::unregister(driver.cast()) }
}

/// Makes a module that registers one driver: `module_driver!(<T>, Adapter<T>, { type: Driver, .. })`.
///
/// For the buses' own macros, such as [`module_pci_driver!`](crate::module_pci_driver).
#[macro_export]
macro_rules! module_driver {
    (<$generic:ident>, $adapter:ty, { type: $driver:ty, $($rest:tt)* }) => {
        type Ops<$generic> = $adapter;

        #[$crate::prelude::pin_data]
        struct DriverModule {
            #[pin]
            _registration: $crate::driver::Registration<Ops<$driver>>,
        }

        impl $crate::InPlaceModule for DriverModule {
            fn init(
                module: &'static $crate::ThisModule,
            ) -> impl ::pin_init::PinInit<Self, $crate::error::Error> {
                $crate::try_pin_init!(Self {
                    _registration <- $crate::driver::Registration::new(
                        <LocalModule as $crate::ModuleMetadata>::NAME,
                        module,
                    ),
                })
            }
        }

        $crate::prelude::module! { type: DriverModule, $($rest)* }
    };
}
