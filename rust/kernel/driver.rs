// SPDX-License-Identifier: GPL-2.0

//! Drivers: registration, and the life of a binding. This module is written once for all buses.
//!
//! C header: [`include/linux/device/driver.h`](srctree/include/linux/device/driver.h)
//!
//! To add a bus, describe it. `Documentation/buses.md` has all steps, and lists how the present
//! buses differ:
//!
//! 1. a [`Kind`] for its device structure, with `type Device<Ctx> = device::Device<Ctx, ThatKind>`;
//! 2. [`Bus`] for that kind: its driver structure, how to register and unregister one;
//! 3. an id type and table macro ([`device_id`](crate::device_id));
//! 4. a `Driver` trait for authors, and an `Adapter<T: Driver>` that implements [`Ops`];
//!    `callbacks` has the items that are the same on each bus.
//!
//! This module does the rest:
//!
//! - `probe` builds the driver's data in place, keeps it (`binding`) and calls `attach`.
//! - `remove` calls `unbind`, ends the binding's [scope](crate::scope) and drops the data.
//! - [`Registration`] ties the driver to the module.

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
pub(crate) use firmware_ids::{FirmwareIds, firmware_adapter, firmware_items, firmware_ops};

/// The C function that registers a driver of a module under a name.
pub type Register<D> = unsafe extern "C" fn(*mut D, *mut bindings::module, *const c_char) -> c_int;

/// The C function that unregisters a driver.
pub type Unregister<D> = unsafe extern "C" fn(*mut D);

/// A bus on which drivers register.
///
/// # Safety
///
/// - A `struct device_driver` must lie [`DRIVER_OFFSET`](Self::DRIVER_OFFSET) bytes into
///   [`RawDriver`](Self::RawDriver), for which all bytes zero must be valid. The pointer at
///   [`GROUPS_OFFSET`](Self::GROUPS_OFFSET) must be the driver's `groups`, or become them when the
///   driver is registered.
/// - The bus must not write to the `driver_data` of a bound device, except that it may clear the
///   field after `remove`.
/// - The crate may call [`REGISTER`](Self::REGISTER) with a driver that is filled in, is not
///   registered, and stays in place until it is unregistered. After `REGISTER` has succeeded, the
///   driver's callbacks may run.
/// - The crate calls [`UNREGISTER`](Self::UNREGISTER) once after that. It must unbind all devices
///   of the driver, and return when none of the driver's callbacks runs or will run.
/// - The bus must call `probe`, `remove` and `shutdown` under the device lock. It must not call
///   `remove` without a successful `probe`.
/// - Between `remove` and the release of the device's managed resources, the bus must not end a
///   resource that data can borrow, unless [`DROP_IN_REMOVE`](Self::DROP_IN_REMOVE) is true.
pub unsafe trait Bus: Kind {
    /// The C structure of a driver.
    type RawDriver;

    /// The state that the crate keeps for each bound device of the bus.
    type Parts: Parts;

    /// The offset of its `struct device_driver` in bytes.
    const DRIVER_OFFSET: usize;

    /// Registers a driver of the module under a name. Module and name live as long as the driver is
    /// registered.
    ///
    /// Context: process context; may sleep.
    const REGISTER: Register<Self::RawDriver>;

    /// Unregisters a driver.
    ///
    /// Context: process context; may sleep.
    const UNREGISTER: Unregister<Self::RawDriver>;

    /// Whether the bus' remove callback has to drop the driver's data, even on a kernel whose core
    /// offers a later point; see [`module@crate::driver`].
    const DROP_IN_REMOVE: bool = false;

    /// The offset of a driver's attribute groups in bytes. [`Registration`] makes them a mark of
    /// this module.
    const GROUPS_OFFSET: usize =
        Self::DRIVER_OFFSET + core::mem::offset_of!(bindings::device_driver, groups);
}

/// The description of one driver by the adapter of its bus.
///
/// # Safety
///
/// [`fill`](Self::fill) must set up nothing but
///
/// 1. callbacks that end in `probe`, `remove` and `shutdown` of the same type;
/// 2. other callbacks that use the driver's data only while it is bound;
/// 3. tables that live for ever.
pub unsafe trait Ops: Sized + 'static {
    /// The bus.
    type Bus: Bus;

    /// The driver's data for one device.
    type Data<'bound>: Send + 'bound;

    /// The value of the matching id, which the bus found before `probe`.
    type Id;

    /// Makes the parts of a binding that begins.
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
    /// The driver's error. The machinery then ends the scope and drops the data.
    fn attach<'bound, 'x>(
        device: &'bound Device<Core<'_>, Self::Bus>,
        data: Pin<&'x Self::Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result;

    /// Calls the driver's `unbind`.
    fn unbind<'bound>(device: &'bound Device<Core<'_>, Self::Bus>, data: Pin<&Self::Data<'bound>>);

    /// Calls the driver's `shutdown`, on a bus that has it and whose [`fill`](Self::fill) sets it
    /// up.
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
/// Until this function returns, `raw` must be valid, and its device lock must be held. A driver of
/// this crate must be bound, or about to be bound.
unsafe fn in_callback<K: Bus, R>(
    raw: *mut K::Raw,
    callback: impl for<'bound, 'callback> FnOnce(&'bound Device<CoreInternal<'callback>, K>) -> R,
) -> R {
    let _call = Call::of_driver(calls_of::<K>());
    // SAFETY: `from_raw` requires DEV-LIVE and DEV-CONTEXT; the caller vouches for both during this
    // call. `callback` works for any lifetimes, so it cannot keep a reference.
    callback(unsafe { Device::from_raw(raw) })
}

/// The key under which the callbacks of the drivers on a bus are counted.
fn calls_of<B: Bus>() -> *const () {
    B::UNREGISTER as *const ()
}

/// Whether this thread runs, or may run, a callback that has to end before devices on the bus can
/// be unbound. That is a callback of a driver on the bus, or a callback that a driver has
/// registered.
pub(crate) fn unbinds_what_runs_here<B: Bus>() -> bool {
    calls::in_misc_open() || calls::is_any_running() || calls::is_running(calls_of::<B>())
}

/// The structure of the bus that embeds a plain device.
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
/// BIND-TYPED: `binding` is that of `device`, and `T` is the device's driver. A callback of `T`
/// runs, either under the device lock, or, if the data is `Sync`, as one that ends before the
/// binding does.
struct Typed<'a, T: Ops, C: DeviceContext> {
    binding: Binding<'a>,
    device: &'a Device<C, T::Bus>,
}

impl<T: Ops, C: DeviceContext> Typed<'_, T, C> {
    /// Lends the driver's data, if there is any, and the scope, for lifetimes that the callback
    /// cannot choose.
    fn with_data<R>(
        &self,
        callback: impl for<'bound, 'x> FnOnce(
            &'bound Device<C, T::Bus>,
            Pin<&'x T::Data<'bound>>,
            &'x Scope<'x>,
        ) -> R,
    ) -> Option<R> {
        // SAFETY: `with_data` requires (1) the family with which the binding began, and its device;
        // (2) a running callback. (1) holds by BIND-TYPED, and because `bind` begins bindings of
        // `T` with `DataOf<T>`. (2) holds by BIND-TYPED.
        unsafe {
            self.binding
                .with_data::<DataOf<T>, _, _, _>(self.device, callback)
        }
    }
}

/// Calls `callback` with a device and its driver's data, if the device is bound and has data.
///
/// # Safety
///
/// `T` must be the driver of `device`. The caller must be a callback that C makes under the device
/// lock.
pub(crate) unsafe fn with_locked<T: Ops, R>(
    device: *mut bindings::device,
    callback: impl for<'bound, 'd> FnOnce(
        &'bound Device<Core<'_>, T::Bus>,
        Pin<&'d T::Data<'bound>>,
    ) -> R,
) -> Option<R> {
    // SAFETY: `in_callback` requires a valid device of the bus, under its lock; the caller vouches
    // for both.
    unsafe {
        in_callback::<T::Bus, _>(raw_of::<T::Bus>(device), |device| {
            let binding = Binding::search(device)?;
            // INVARIANT: BIND-TYPED: the caller vouches for it.
            Typed::<T, _> { binding, device }.with_data(|device, data, _| callback(device, data))
        })
    }
}

/// Does what [`with_locked`] does, without the device lock.
///
/// # Safety
///
/// `T` must be the driver of `device`. The caller must be a callback that C makes only while the
/// binding is complete. The data must be `Sync`.
pub(crate) unsafe fn with_bound<T: Ops, R>(
    device: *mut bindings::device,
    callback: impl for<'bound, 'd> FnOnce(&'bound Device<Bound, T::Bus>, Pin<&'d T::Data<'bound>>) -> R,
) -> Option<R> {
    // SAFETY: `from_raw` requires DEV-LIVE and DEV-CONTEXT; the caller vouches for both during this
    // call. `callback` works for any lifetimes, so it cannot keep a reference.
    let device: &Device<Bound, T::Bus> = unsafe { Device::from_raw(raw_of::<T::Bus>(device)) };
    let _call = Call::of_driver(calls_of::<T::Bus>());
    let binding = Binding::search(device)?;
    // INVARIANT: BIND-TYPED: the caller vouches for it.
    Typed::<T, _> { binding, device }.with_data(|device, data, _| callback(device, data))
}

/// All that a bus' probe callback does: builds the driver's data, keeps it until the binding ends,
/// and calls `attach`.
///
/// On error nothing stays. Before this function returns, the entries of the binding's scope have
/// ended, and the fields that were built are dropped in reverse order.
///
/// # Safety
///
/// The caller must be the bus' probe callback, and `raw` the device for which C called it.
pub(crate) unsafe fn probe<T: Ops>(raw: *mut <T::Bus as Kind>::Raw, id: T::Id) -> c_int {
    from_result(|| {
        // SAFETY: `in_callback` requires a callback under the device lock; the caller is a probe
        // callback, which `Bus` promises to make under that lock.
        unsafe { in_callback::<T::Bus, _>(raw, |device| bind::<T>(device, id)) }.map(|()| 0)
    })
}

/// The body of [`probe`].
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
        // SAFETY: `fill` requires the family with which the binding began; `bind` begins the
        // binding with `DataOf<T>`.
        unsafe { self.binding.fill::<DataOf<T>>(data) }?;
        self.with_data(|device, data, scope| T::attach(device, data, scope))
            .unwrap_or(Ok(()))
    }
}

/// Whether the driver core's own hook drops the data of a driver on bus `B`, instead of the bus'
/// remove callback. Linux 7.2 and later have the hook, and a patched 6.12.
const fn drops_late<B: Bus>() -> bool {
    cfg!(lifebound_post_unbind) && !B::DROP_IN_REMOVE
}

/// All that a bus' remove callback does: calls `unbind`, ends the binding's scope, then drops the
/// driver's data or leaves that to [`post_unbind`].
///
/// # Safety
///
/// C must call this as the remove callback of a driver that [`Registration`] registered.
pub(crate) unsafe extern "C" fn remove<T: Ops>(raw: *mut <T::Bus as Kind>::Raw) {
    // SAFETY: `in_callback` requires a callback under the device lock; this is a remove callback,
    // which `Bus` promises to make under that lock.
    unsafe { in_callback::<T::Bus, _>(raw, unbind::<T>) }
}

/// The body of [`remove`].
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

/// All that a bus' shutdown callback does: calls `shutdown` if the device is bound. The data stays:
/// C next powers off or starts another kernel.
///
/// # Safety
///
/// C must call this as the shutdown callback of a driver that [`Registration`] registered, for one
/// of its devices.
pub(crate) unsafe extern "C" fn shutdown<T: Ops>(raw: *mut <T::Bus as Kind>::Raw) {
    // SAFETY: `in_callback` requires a callback under the device lock; this is a shutdown callback,
    // which `Bus` promises to make under that lock.
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

/// The driver core's hook on a patched kernel: the core calls it right before it releases the
/// device's managed resources.
///
/// The core also calls it if probing failed, possibly before this crate's `probe` ran. Then there
/// is no binding, or the binding has ended.
///
/// # Safety
///
/// C must call this as `post_unbind_rust` of a driver that [`Registration`] registered.
#[cfg(lifebound_post_unbind)]
unsafe extern "C" fn post_unbind<T: Ops>(device: *mut bindings::device) {
    let raw = raw_of::<T::Bus>(device);
    // SAFETY: `in_callback` requires a callback under the device lock, for a device of the bus. The
    // core holds the lock, and this driver was to be bound to the device, so it is on the driver's
    // bus.
    unsafe {
        in_callback::<T::Bus, _>(raw, |device| {
            if let Some(binding) = Binding::search(device) {
                binding.end(device);
            }
        })
    }
}

/// The `struct device_driver` that is embedded in a driver of a bus.
pub(crate) fn driver_of<B: Bus>(raw: *mut B::RawDriver) -> *mut bindings::device_driver {
    raw.wrapping_byte_add(B::DRIVER_OFFSET).cast()
}

/// Marks a driver as one of this module's; see [`binding`].
fn set_mark<B: Bus>(raw: *mut B::RawDriver) {
    let groups = raw
        .wrapping_byte_add(B::GROUPS_OFFSET)
        .cast::<*const c_void>();
    // SAFETY: the write requires a place for a pointer that nobody else uses; `Bus` puts the
    // pointer there, and the caller owns the driver. The pointer's new target is an empty list, and
    // static.
    unsafe { *groups = binding::MARK.as_ptr() };
}

/// Makes the driver core call [`post_unbind`], where it has the field for that.
fn set_post_unbind<T: Ops>(raw: *mut <T::Bus as Bus>::RawDriver) {
    #[cfg(lifebound_post_unbind)]
    if drops_late::<T::Bus>() {
        let driver = driver_of::<T::Bus>(raw);
        // A 6.12 without the patch lacks this symbol, and refuses to load the module. Kernels whose
        // headers have the hook without it have it as it is.
        #[cfg(lifebound_patched)]
        core::hint::black_box(&raw const bindings::lifebound_post_unbind_marker);
        // SAFETY: the write requires a `struct device_driver` that nobody else uses; `Bus` puts one
        // there, and the caller owns it.
        unsafe { (*driver).p_cb.post_unbind_rust = Some(post_unbind::<T>) };
    }
    let _ = raw;
}

/// A registered driver. Dropping this unregisters the driver, and thereby unbinds it from its
/// devices.
///
/// If this value is leaked, the driver is unregistered when its module is unloaded.
///
/// Dropping this waits for all callbacks of the driver. There is one exception: a drop in a
/// callback of a driver on the same bus does not wait, and the driver is unregistered soon after.
/// The same holds in a callback that a driver has registered, such as an operation of a file.
///
/// The driver's structure is in memory of its own, so a registration may be on a stack. A panic
/// frees the stack, and leaves the driver registered until its module is unloaded.
///
/// # Invariants
///
/// REG-REGISTERED: the driver in `_driver` is registered from initialisation until its entry in the
/// module's list ends it.
pub struct Registration<T: Ops> {
    _driver: Kept<RawDriver<T>>,
    // Linux's own crate has a pinned type as well.
    _pinned: PhantomPinned,
    _ops: PhantomData<fn(T)>,
}

type RawDriver<T> = Opaque<<<T as Ops>::Bus as Bus>::RawDriver>;

// SAFETY: `Send` requires that any thread may use and drop the value. A registration gives access
// to nothing, and any thread may unregister a driver.
unsafe impl<T: Ops> Send for Registration<T> {}

// SAFETY: `Sync` requires that threads may share the value; a shared registration gives access to
// nothing.
unsafe impl<T: Ops> Sync for Registration<T> {}

impl<T: Ops> Registration<T> {
    /// Registers the driver under `name`. The driver's present devices are probed before this
    /// returns or, with asynchronous probing, soon after.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// Nothing is registered then.
    ///
    /// - `EINVAL`: the name is empty, `.`, `..`, or longer than 255 bytes, or has a `/`, an `!` or
    ///   a control character.
    /// - Errors of the bus' registration function, such as `EBUSY` for a name that is taken.
    /// - `EDEADLK`: this is called in the `open` of a misc device, or in a callback of a driver on
    ///   the same bus.
    /// - `ENOMEM`.
    pub fn new(name: &'static CStr, module: &'static ThisModule) -> impl PinInit<Self, Error>
    where
        T: 'static,
    {
        pin_init::pin_init_scope(move || {
            // Registering may probe devices, and probing may make nodes.
            calls::not_in_misc_open()?;
            // Registering takes the locks of matching devices, and a callback holds the lock of its
            // own device.
            if calls::is_known_to_run(calls_of::<T::Bus>()) {
                return Err(EDEADLK);
            }
            file_name::check(c"a driver", name, file_name::LONGEST)?;
            let start = |driver: Pin<&RawDriver<T>>| Self::start(driver.get(), name, module);
            let room = Room::new()?;
            // SAFETY: `fill` requires (1) that `unregister` may be called, once and on any thread,
            // with the pointer that `start` returned, (2) that nobody uses the payload afterwards,
            // (3) that `unregister` waits for nothing on a thread on which `unbinds_what_runs_here`
            // is false. (1) The pointer is that of a registered driver, which any thread may
            // unregister. (2) `Bus` promises that. (3) `unregister` waits only for callbacks on the
            // bus, for which that function asks.
            let driver = unsafe {
                room.fill(
                    crate::init::never_fails(Opaque::zeroed()),
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

    /// Fills in a driver that is zeroed and stays in place until it is unregistered, and registers
    /// it.
    fn start(
        raw: *mut <T::Bus as Bus>::RawDriver,
        name: &'static CStr,
        module: &'static ThisModule,
    ) -> Result<*mut c_void> {
        // SAFETY: a unique reference requires a valid driver that nobody else uses. All bytes zero
        // are a valid driver (`Bus`), and nobody else knows this one.
        T::fill(unsafe { &mut *raw });
        set_mark::<T::Bus>(raw);
        set_post_unbind::<T>(raw);
        // SAFETY: `REGISTER` requires a driver that is filled in, and that stays in place until it
        // is unregistered. It was filled in above, and `new` keeps it in place.
        to_result(unsafe { T::Bus::REGISTER(raw, module.as_ptr(), name.as_char_ptr()) })?;
        Ok(raw.cast())
    }
}

/// Ends a registration.
///
/// # Safety
///
/// `driver` must be registered for a `T`. Nobody may use it afterwards.
unsafe extern "C" fn unregister<T: Ops>(driver: *mut c_void) {
    // SAFETY: `UNREGISTER` requires a registered driver, and to be called once for it; the caller
    // vouches for both.
    unsafe { T::Bus::UNREGISTER(driver.cast()) }
}

/// Makes a module that registers one driver:
/// `module_driver!(<T>, Adapter<T>, { type: Driver, .. })`.
///
/// The buses' own macros use this, such as [`module_pci_driver!`](crate::module_pci_driver).
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
