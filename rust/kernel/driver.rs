// SPDX-License-Identifier: GPL-2.0

//! Drivers: registration, and the life of a binding. Written once for all buses.
//!
//! C header: [`include/linux/device/driver.h`](srctree/include/linux/device/driver.h)
//!
//! To add a bus, describe it (`Documentation/buses.md` has all steps, and what differs between those that are there):
//!
//! 1. a [`Kind`] for its device structure, with `type Device<Ctx> = device::Device<Ctx, ThatKind>`;
//! 2. [`Bus`] for that kind: its driver structure, how to register and unregister one;
//! 3. an id type and table macro ([`device_id`](crate::device_id));
//! 4. a `Driver` trait for authors, and an `Adapter<T: Driver>` that implements [`Ops`]; what is the same on each bus is in
//!    `callbacks`.
//!
//! What remains is here: `probe` builds the driver's data in place, keeps it (`binding`) and calls `attach`; `remove`
//! calls `unbind`, ends the binding's [scope](crate::scope) and drops the data; [`Registration`] ties the driver to the
//! module.

use core::{
    marker::{PhantomData, PhantomPinned},
    pin::Pin,
};

use crate::{
    binding::{self, Binding, Parts},
    bindings,
    calls::{self, Call},
    device::{Bound, Core, CoreInternal, Device, DeviceContext, Kind},
    error::{from_result, to_result},
    ffi::{c_char, c_int, c_void},
    module_scope::{Kept, Room},
    prelude::*,
    scope::Scope,
    str::file_name,
    types::{ForLt, Opaque},
};

mod callbacks;
mod firmware_ids;

pub(crate) use callbacks::{
    adapter, attach_method, driver_items, hand_on, module_macro, probe_by_id, shutdown_method,
};
pub(crate) use firmware_ids::FirmwareIds;

/// How C registers a driver of a module, under a name.
pub type Register<D> = unsafe extern "C" fn(*mut D, *mut bindings::module, *const c_char) -> c_int;

/// How C unregisters a driver.
pub type Unregister<D> = unsafe extern "C" fn(*mut D);

/// A bus on which drivers register.
///
/// # Safety
///
/// - A `struct device_driver` must lie [`DRIVER_OFFSET`](Self::DRIVER_OFFSET) bytes into
///   [`RawDriver`](Self::RawDriver), for which all bytes zero must be valid. What lies at
///   [`GROUPS_OFFSET`](Self::GROUPS_OFFSET) must be its `groups`, or become them when the driver is registered.
/// - The bus must not write to the `driver_data` of a device while a driver is bound to it, but to clear it after `remove`.
/// - [`REGISTER`](Self::REGISTER) may be called with a driver that is filled in, not registered, and stays in place until it
///   is unregistered. After it succeeded the driver's callbacks may run; [`UNREGISTER`](Self::UNREGISTER), which is called
///   once after that, must unbind all its devices, and return when none of its callbacks runs or will run.
/// - The bus must call `probe`, `remove` and `shutdown` under the device lock, and never `remove` without a successful
///   `probe`.
/// - Unless [`DROP_IN_REMOVE`](Self::DROP_IN_REMOVE), nothing that the bus does between `remove` and the release of the
///   device's managed resources may end a resource that data can borrow.
pub unsafe trait Bus: Kind {
    /// The C structure of a driver.
    type RawDriver;

    /// What the crate keeps for each bound device of the bus.
    type Parts: Parts;

    /// Where its `struct device_driver` is, in bytes.
    const DRIVER_OFFSET: usize;

    /// Registers a driver of the module under a name, which both live as long as it is registered. May sleep.
    const REGISTER: Register<Self::RawDriver>;

    /// Unregisters a driver. May sleep.
    const UNREGISTER: Unregister<Self::RawDriver>;

    /// Whether the driver's data has to be dropped by the bus' remove callback, also on a kernel whose core offers a
    /// later point; see [`module@crate::driver`].
    const DROP_IN_REMOVE: bool = false;

    /// Where the attribute groups of a driver are, in bytes, of which [`Registration`] makes a mark of this module.
    const GROUPS_OFFSET: usize =
        Self::DRIVER_OFFSET + core::mem::offset_of!(bindings::device_driver, groups);
}

/// What a bus' adapter says about one driver.
///
/// # Safety
///
/// [`fill`](Self::fill) must set up nothing but callbacks that end in `probe`, `remove` and `shutdown` of the same type, other
/// callbacks that use the driver's data only while it is bound, and tables that live for ever.
pub unsafe trait Ops: Sized + 'static {
    /// The bus.
    type Bus: Bus;

    /// The driver's data for one device.
    type Data<'bound>: Send + 'bound;

    /// What the bus found out about the device before `probe`: the matching id's value.
    type Id;

    /// The parts of a binding that begins.
    fn parts(device: &Device<Core<'_>, Self::Bus>, id: &Self::Id) -> <Self::Bus as Bus>::Parts;

    /// Fills in the zeroed C structure.
    fn fill(driver: &mut <Self::Bus as Bus>::RawDriver);

    /// Calls the driver's `probe`.
    fn probe<'bound>(
        device: &'bound Device<Core<'_>, Self::Bus>,
        id: Self::Id,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound;

    /// Calls the driver's `attach`, which must be provided by the bus' `Driver` trait.
    ///
    /// # Errors
    ///
    /// The driver's. The machinery then ends the scope and drops the data.
    fn attach<'bound, 'x>(
        device: &'bound Device<Core<'_>, Self::Bus>,
        data: Pin<&'x Self::Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result;

    /// Calls the driver's `unbind`.
    fn unbind<'bound>(device: &'bound Device<Core<'_>, Self::Bus>, data: Pin<&Self::Data<'bound>>);

    /// Calls the driver's `shutdown`, on a bus that has it and whose [`fill`](Self::fill) sets it up.
    fn shutdown<'bound>(
        device: &'bound Device<Core<'_>, Self::Bus>,
        data: Pin<&Self::Data<'bound>>,
    ) {
        let _ = (device, data);
    }
}

/// Runs `callback` on a device that C handed to one of the bus' callbacks.
///
/// # Safety
///
/// `raw` must be valid, its device lock held and a driver of this crate bound or about to be, until this returns.
unsafe fn in_callback<K: Bus, R>(
    raw: *mut K::Raw,
    callback: impl for<'bound, 'callback> FnOnce(&'bound Device<CoreInternal<'callback>, K>) -> R,
) -> R {
    let _call = Call::of_driver(calls_of::<K>());
    // SAFETY: the caller vouches for DEV-LIVE and DEV-CONTEXT during this call; `callback` works for any lifetimes, so
    // it can keep nothing of them.
    callback(unsafe { Device::from_raw(raw) })
}

/// What callbacks of the drivers on a bus are counted under.
fn calls_of<B: Bus>() -> *const () {
    B::UNREGISTER as *const ()
}

/// Whether this thread runs a callback that has to end before devices on the bus can be unbound, or
/// may: one of a driver there, or of what a driver has registered.
pub(crate) fn unbinds_what_runs_here<B: Bus>() -> bool {
    calls::in_misc_open() || calls::is_any_running() || calls::is_running(calls_of::<B>())
}

/// The structure of a bus around a plain device.
fn raw_of<K: Kind>(device: *mut bindings::device) -> *mut K::Raw {
    device.wrapping_byte_sub(K::DEVICE_OFFSET).cast()
}

/// A driver's data, as a family of types.
struct DataOf<T>(PhantomData<T>);

impl<T: Ops> ForLt for DataOf<T> {
    type Of<'a> = T::Data<'a>;
}

/// A binding of `T`'s, and its device.
///
/// # Invariants
///
/// BIND-TYPED: `binding` is that of `device`, and `T` is the device's driver, of which a callback runs: one under the
/// device lock, or one that ends before the binding does, for data that is `Sync`.
struct Typed<'a, T: Ops, C: DeviceContext> {
    binding: Binding<'a>,
    device: &'a Device<C, T::Bus>,
}

impl<T: Ops, C: DeviceContext> Typed<'_, T, C> {
    /// Lends the driver's data, if there is any, and the scope, for lifetimes that the callback cannot choose.
    fn with_data<R>(
        &self,
        callback: impl for<'bound, 'x> FnOnce(
            &'bound Device<C, T::Bus>,
            Pin<&'x T::Data<'bound>>,
            &'x Scope<'x>,
        ) -> R,
    ) -> Option<R> {
        // SAFETY: `with_data` requires (1) the family with which the binding began, and its device: BIND-TYPED, and
        // `bind` begins bindings of `T` with `DataOf<T>`; (2) a callback: BIND-TYPED.
        unsafe {
            self.binding
                .with_data::<DataOf<T>, _, _, _>(self.device, callback)
        }
    }
}

/// Calls `callback` with a device and its driver's data, if it is bound and has some.
///
/// # Safety
///
/// `device` must be one that `T` is the driver of, in a callback that C makes under the device lock.
pub(crate) unsafe fn with_locked<T: Ops, R>(
    device: *mut bindings::device,
    callback: impl for<'bound, 'd> FnOnce(
        &'bound Device<Core<'_>, T::Bus>,
        Pin<&'d T::Data<'bound>>,
    ) -> R,
) -> Option<R> {
    // SAFETY: `in_callback` requires a valid device of the bus, under its lock: the caller says so.
    unsafe {
        in_callback::<T::Bus, _>(raw_of::<T::Bus>(device), |device| {
            let binding = Binding::search(device)?;
            // INVARIANT: BIND-TYPED: by the caller.
            Typed::<T, _> { binding, device }.with_data(|device, data, _| callback(device, data))
        })
    }
}

/// [`with_locked`] without the lock.
///
/// # Safety
///
/// `device` must be one that `T` is the driver of, in a callback that C makes only while the binding is complete. The
/// data must be `Sync`.
pub(crate) unsafe fn with_bound<T: Ops, R>(
    device: *mut bindings::device,
    callback: impl for<'bound, 'd> FnOnce(&'bound Device<Bound, T::Bus>, Pin<&'d T::Data<'bound>>) -> R,
) -> Option<R> {
    // SAFETY: the caller vouches for DEV-LIVE and DEV-CONTEXT during this call; `callback` works for any lifetimes.
    let device: &Device<Bound, T::Bus> = unsafe { Device::from_raw(raw_of::<T::Bus>(device)) };
    let _call = Call::of_driver(calls_of::<T::Bus>());
    let binding = Binding::search(device)?;
    // INVARIANT: BIND-TYPED: by the caller.
    Typed::<T, _> { binding, device }.with_data(|device, data, _| callback(device, data))
}

/// The whole of a bus' probe callback: builds the driver's data, keeps it until the binding ends, and calls `attach`.
///
/// On error nothing stays: what was entered in the binding's scope has ended, and what was built is dropped in reverse
/// order, before this returns.
///
/// # Safety
///
/// To be called by the bus' probe callback, for the device that it was called for.
pub(crate) unsafe fn probe<T: Ops>(raw: *mut <T::Bus as Kind>::Raw, id: T::Id) -> c_int {
    from_result(|| {
        // SAFETY: `in_callback` requires a callback under the device lock: the caller is a probe callback, of which
        // `Bus` says so.
        unsafe { in_callback::<T::Bus, _>(raw, |device| bind::<T>(device, id)) }.map(|()| 0)
    })
}

/// What [`probe`] does.
fn bind<T: Ops>(device: &Device<CoreInternal<'_>, T::Bus>, id: T::Id) -> Result {
    let binding = Binding::begin::<DataOf<T>, _, _>(device, T::parts(device, &id))?;
    // INVARIANT: BIND-TYPED: the binding was begun above, in the probe callback of `T`.
    let typed = Typed::<T, _> { binding, device };
    let bound = typed.fill(id).and_then(|()| binding.enter_service());
    if bound.is_err() {
        binding.leave_service();
        binding.end(device);
    }
    bound
}

impl<T: Ops> Typed<'_, T, CoreInternal<'_>> {
    /// Builds the driver's data, and calls `attach`.
    fn fill(&self, id: T::Id) -> Result {
        let data = T::probe(self.device, id);
        // SAFETY: `fill` requires the family with which the binding began: `bind` begins it with this one.
        unsafe { self.binding.fill::<DataOf<T>>(data) }?;
        self.with_data(|device, data, scope| T::attach(device, data, scope))
            .unwrap_or(Ok(()))
    }
}

/// Whether the data of a driver on bus `B` is dropped by the driver core's own hook, which a patched kernel has, rather
/// than by the bus' remove callback.
const fn drops_late<B: Bus>() -> bool {
    cfg!(lifebound_post_unbind) && !B::DROP_IN_REMOVE
}

/// The whole of a bus' remove callback: calls `unbind`, ends the binding's scope, then drops the driver's data or leaves
/// that to [`post_unbind`].
///
/// # Safety
///
/// To be called by C as the remove callback of a driver registered by [`Registration`].
pub(crate) unsafe extern "C" fn remove<T: Ops>(raw: *mut <T::Bus as Kind>::Raw) {
    // SAFETY: `in_callback` requires a callback under the device lock: this is a remove callback, of which `Bus` says so.
    unsafe { in_callback::<T::Bus, _>(raw, unbind::<T>) }
}

/// What [`remove`] does.
fn unbind<T: Ops>(device: &Device<CoreInternal<'_>, T::Bus>) {
    let Some(binding) = Binding::search(device) else {
        return;
    };
    binding.prepare_end();
    // INVARIANT: BIND-TYPED: this is the remove callback of `T`.
    Typed::<T, _> { binding, device }.with_data(|device, data, _| T::unbind(device, data));
    binding.leave_service();
    if drops_late::<T::Bus>() {
        binding.keep();
    } else {
        binding.end(device);
    }
}

/// The whole of a bus' shutdown callback: calls `shutdown` if the device is bound. The data stays; what C does next is to
/// power off, or to start another kernel.
///
/// # Safety
///
/// To be called by C as the shutdown callback of a driver registered by [`Registration`], for one of its devices.
pub(crate) unsafe extern "C" fn shutdown<T: Ops>(raw: *mut <T::Bus as Kind>::Raw) {
    // SAFETY: `in_callback` requires a callback under the device lock: this is a shutdown callback, of which `Bus` says so.
    unsafe {
        in_callback::<T::Bus, _>(raw, |device| {
            if let Some(binding) = Binding::search(device) {
                // INVARIANT: BIND-TYPED: this is the shutdown callback of `T`.
                Typed::<T, _> { binding, device }
                    .with_data(|device, data, _| T::shutdown(device, data));
            }
        })
    }
}

/// The driver core's hook on a patched kernel: called right before it releases the device's managed resources.
///
/// It is also called when probing failed, possibly before our `probe` ran: then there is no binding, or one that has ended.
///
/// # Safety
///
/// To be called by C as `post_unbind_rust` of a driver registered by [`Registration`].
#[cfg(lifebound_post_unbind)]
unsafe extern "C" fn post_unbind<T: Ops>(device: *mut bindings::device) {
    let raw = raw_of::<T::Bus>(device);
    // SAFETY: `in_callback` requires a callback under the device lock: the core holds it, and the device is one that this
    // driver was to be bound to, so on its bus.
    unsafe {
        in_callback::<T::Bus, _>(raw, |device| {
            if let Some(binding) = Binding::search(device) {
                binding.end(device);
            }
        })
    }
}

/// The `struct device_driver` in a driver of a bus.
pub(crate) fn driver_of<B: Bus>(raw: *mut B::RawDriver) -> *mut bindings::device_driver {
    raw.wrapping_byte_add(B::DRIVER_OFFSET).cast()
}

/// Marks a driver as one of this module's; see [`binding`].
fn set_mark<B: Bus>(raw: *mut B::RawDriver) {
    let groups = raw
        .wrapping_byte_add(B::GROUPS_OFFSET)
        .cast::<*const c_void>();
    // SAFETY: `Bus` puts the pointer there; the caller owns the driver. What it points to is an empty list, and static.
    unsafe { *groups = binding::MARK.as_ptr() };
}

/// Has the core of a patched kernel call [`post_unbind`]. Other kernels have no such field.
fn set_post_unbind<T: Ops>(raw: *mut <T::Bus as Bus>::RawDriver) {
    #[cfg(lifebound_post_unbind)]
    if drops_late::<T::Bus>() {
        let driver = driver_of::<T::Bus>(raw);
        // A kernel without the hook lacks this symbol, and refuses to load the module.
        core::hint::black_box(&raw const bindings::lifebound_post_unbind_marker);
        // SAFETY: `Bus` puts a `struct device_driver` there; the caller owns it.
        unsafe { (*driver).p_cb.post_unbind_rust = Some(post_unbind::<T>) };
    }
    let _ = raw;
}

/// A registered driver; unregistered, and thereby unbound from its devices, when dropped.
///
/// One that is leaked is unregistered when its module is unloaded.
///
/// Dropping it waits for all callbacks of the driver. In a callback of a driver on the same bus, or
/// of what a driver has registered (an operation of a file, for example), the drop does not wait:
/// the driver is unregistered soon after.
///
/// The driver's structure is in memory of its own. So a registration on a stack is as good as any: a panic frees the stack,
/// and leaves the driver registered until its module is unloaded.
///
/// # Invariants
///
/// REG-REGISTERED: the driver in `_driver` is registered from initialisation until its entry in the module's list ends it.
pub struct Registration<T: Ops> {
    _driver: Kept<RawDriver<T>>,
    // As in Linux's own crate.
    _pinned: PhantomPinned,
    _ops: PhantomData<fn(T)>,
}

type RawDriver<T> = Opaque<<<T as Ops>::Bus as Bus>::RawDriver>;

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
    /// `EINVAL` for a name that is empty, `.`, `..`, longer than 255 bytes, or has a `/`, an `!` or
    /// a control character; what the bus' registration function returns, such as `EBUSY` for a name
    /// that is taken; `EDEADLK` in the `open` of a misc device, or in a callback of a driver on the
    /// same bus; `ENOMEM`. Nothing is registered then.
    pub fn new(name: &'static CStr, module: &'static ThisModule) -> impl PinInit<Self, Error>
    where
        T: 'static,
    {
        pin_init::pin_init_scope(move || {
            // It may probe devices, and make nodes.
            calls::not_in_misc_open()?;
            // It takes the locks of devices that match, and a callback has its device's.
            if calls::is_known_to_run(calls_of::<T::Bus>()) {
                return Err(EDEADLK);
            }
            file_name::check(c"a driver", name, file_name::LONGEST)?;
            let start = |driver: Pin<&RawDriver<T>>| Self::start(driver.get(), name, module);
            let room = Room::new()?;
            // SAFETY: `fill` requires that what `start` returned be fit for `end`: it is a registered driver, which may be
            // unregistered once, and on any thread. `Bus` says that it is not used afterwards.
            let driver = unsafe {
                room.fill(
                    Opaque::zeroed(),
                    start,
                    unregister::<T>,
                    unbinds_what_runs_here::<T::Bus>,
                )
            }?;
            Ok(Self {
                _driver: driver,
                _pinned: PhantomPinned,
                _ops: PhantomData,
            })
        })
    }

    /// Fills in a driver that is zeroed and stays in place until it is unregistered, and registers it.
    fn start(
        raw: *mut <T::Bus as Bus>::RawDriver,
        name: &'static CStr,
        module: &'static ThisModule,
    ) -> Result<*mut c_void> {
        // SAFETY: all bytes zero are a valid driver (`Bus`), and nobody else knows this one.
        T::fill(unsafe { &mut *raw });
        set_mark::<T::Bus>(raw);
        set_post_unbind::<T>(raw);
        // SAFETY: `REGISTER` requires a driver that is filled in, as it is, and stays in place until it is unregistered:
        // `new` sees to it.
        to_result(unsafe { T::Bus::REGISTER(raw, module.as_ptr(), name.as_char_ptr()) })?;
        Ok(raw.cast())
    }
}

/// Ends a registration.
///
/// # Safety
///
/// `driver` must be registered for a `T`, and may not be used afterwards.
unsafe extern "C" fn unregister<T: Ops>(driver: *mut c_void) {
    // SAFETY: `UNREGISTER` requires a registered driver, once: the caller.
    unsafe { T::Bus::UNREGISTER(driver.cast()) }
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
            ) -> impl $crate::pin_init::PinInit<Self, $crate::error::Error> {
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

#[cfg(lifebound_kunit)]
mod kunit;
