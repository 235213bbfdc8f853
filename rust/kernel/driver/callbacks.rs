// SPDX-License-Identifier: GPL-2.0

//! The items that the `Driver` traits and the adapters of all buses have in common, beside
//! [`Ops`](super::Ops).
//!
//! A driver implements its bus' own trait, so the items have to be members of each. They are
//! written here, once.

/// Makes the first items of a bus' `Driver` trait: `driver_items!(Device)`, with the type of the
/// bus' devices, or `driver_items!(Device, Sync)`, if a callback uses the data without the device
/// lock.
macro_rules! driver_items {
    ($device:ident $(, $sync:ident)?) => {
        /// The value beside each id of the driver's tables. Devices may be probed at the same time.
        type IdInfo: Sync + 'static;

        /// The driver's data for one device. It is dropped when the device is unbound, so it may
        /// borrow from the device for all of `'bound`.
        type Data<'bound>: Send $(+ $sync)? + 'bound;
    };
}
pub(crate) use driver_items;

/// Makes `attach`, a provided method of a bus' `Driver` trait: `attach_method!(Device, unbind)`,
/// with the type of the bus' devices and the name of the callback that ends a binding.
macro_rules! attach_method {
    ($device:ident, $unbind:ident) => {
        /// Registers handlers, child devices, and others that use the device's data from outside.
        /// Not in Linux 7.3.
        ///
        /// Context: process context; may sleep. The device is powered.
        ///
        /// The machinery calls this once the data is in its place. Entries of `scope` may borrow
        /// from `data`. They end after
        #[doc = concat!("[`", stringify!($unbind), "`](Self::", stringify!($unbind), "), before the data is dropped.")]
        /// See [`scope`](crate::scope).
        ///
        /// # Errors
        ///
        /// The driver's error. The entries of the scope end, the data is dropped, and the device is
        /// left unbound;
        #[doc = concat!("`", stringify!($unbind), "` is not called.")]
        fn attach<'bound, 'x>(
            dev: &'bound $device<$crate::device::Core<'_>>,
            data: ::core::pin::Pin<&'x Self::Data<'bound>>,
            scope: &'x $crate::scope::Scope<'x>,
        ) -> $crate::error::Result {
            let _ = (dev, data, scope);
            Ok(())
        }
    };
}
pub(crate) use attach_method;

/// Makes `shutdown`, a provided method of a bus' `Driver` trait:
/// `shutdown_method!(Device, unbind)`, with the same arguments as `attach_method`.
macro_rules! shutdown_method {
    ($device:ident, $unbind:ident) => {
        /// Makes the device quiet before the machine is powered off or another kernel is started.
        /// Not in Linux 7.3.
        ///
        #[doc = concat!("The device stays bound, and neither `", stringify!($unbind), "` nor the data's `Drop` follow.")]
        ///
        /// Context: process context; may sleep.
        fn shutdown<'bound>(
            dev: &'bound $device<$crate::device::Core<'_>>,
            data: ::core::pin::Pin<&Self::Data<'bound>>,
        ) {
            let _ = (dev, data);
        }
    };
}
pub(crate) use shutdown_method;

/// Makes the `Adapter` of a bus, which implements [`Ops`](super::Ops).
macro_rules! adapter {
    () => {
        /// Makes a [`Driver`] known to the [`driver`](crate::driver) machinery.
        pub struct Adapter<T: Driver>(::core::marker::PhantomData<T>);
    };
}
pub(crate) use adapter;

/// Makes the probe callback of a bus that passes the matching id:
/// `probe_by_id!(pci_dev, pci_device_id)`, with C's structures.
macro_rules! probe_by_id {
    ($device:ident, $id:ident) => {
        impl<T: Driver> Adapter<T> {
            unsafe extern "C" fn probe(
                device: *mut $crate::bindings::$device,
                id: *const $crate::bindings::$id,
            ) -> $crate::ffi::c_int {
                let info = T::ID_TABLE.info(id);
                // SAFETY: `probe` requires that the bus' probe callback calls it, for the
                // callback's device; this is that callback.
                unsafe { $crate::driver::probe::<Self>(device, info) }
            }
        }
    };
}
pub(crate) use probe_by_id;

/// Makes the members of [`Ops`](super::Ops) that only call the driver's method of the same meaning:
/// `hand_on!(T: Device, unbind)`, for driver `T`, or `hand_on!(T: Device, unbind, no shutdown)`.
macro_rules! hand_on {
    ($driver:ident: $device:ident, $unbind:ident) => {
        $crate::driver::hand_on!($driver: $device, $unbind, no shutdown);

        fn shutdown<'bound>(
            device: &'bound $device<$crate::device::Core<'_>>,
            data: ::core::pin::Pin<&$driver::Data<'bound>>,
        ) {
            $driver::shutdown(device, data)
        }
    };
    ($driver:ident: $device:ident, $unbind:ident, no shutdown) => {
        type Data<'bound> = $driver::Data<'bound>;

        fn attach<'bound, 'x>(
            device: &'bound $device<$crate::device::Core<'_>>,
            data: ::core::pin::Pin<&'x $driver::Data<'bound>>,
            scope: &'x $crate::scope::Scope<'x>,
        ) -> $crate::error::Result {
            $driver::attach(device, data, scope)
        }

        fn unbind<'bound>(
            device: &'bound $device<$crate::device::Core<'_>>,
            data: ::core::pin::Pin<&$driver::Data<'bound>>,
        ) {
            $driver::$unbind(device, data)
        }
    };
}
pub(crate) use hand_on;

/// Makes a bus' macro for modules of one driver:
/// `module_macro!($ module_pci_driver, pci, "PCI driver")`. The made macro uses the `$`.
macro_rules! module_macro {
    ($dollar:tt $name:ident, $bus:ident, $what:literal) => {
        #[doc = concat!("Makes a module of one ", $what, ": `", stringify!($name))]
        #[doc = "! { type: Driver, name: \"..\", license: \"GPL\", .. }`."]
        ///
        /// The keys are those of [`module!`](macro@crate::prelude::module).
        #[macro_export]
        macro_rules! $name {
            ($dollar($dollar input:tt)*) => {
                $crate::module_driver!(<T>, $crate::$bus::Adapter<T>, { $dollar($dollar input)* });
            };
        }
    };
}
pub(crate) use module_macro;
