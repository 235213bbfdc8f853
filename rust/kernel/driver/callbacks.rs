// SPDX-License-Identifier: GPL-2.0

//! What the `Driver` traits and the adapters of all buses have in common beside [`Ops`](super::Ops).
//!
//! A driver implements its bus' own trait, so the items have to be members of each. They are written here, once.

/// The first items of a bus' `Driver` trait: `driver_items!(Device)` for the type of the bus' devices.
macro_rules! driver_items {
    ($device:ident) => {
        /// What the driver knows about each id of its tables. Devices may be probed at the same time.
        type IdInfo: Sync + 'static;

        /// The driver's data for one device. It is dropped when the device is unbound, so it may borrow from the device
        /// for all of `'bound`.
        type Data<'bound>: Send + 'bound;
    };
}
pub(crate) use driver_items;

/// `attach`, a provided method of a bus' `Driver` trait: `attach_method!(Device, unbind)` for the type of the bus'
/// devices and the name of the callback that ends a binding.
macro_rules! attach_method {
    ($device:ident, $unbind:ident) => {
        /// Registers what uses the device's data from outside: handlers, child devices, and the like. Not in Linux 7.3.
        ///
        /// Called once the data is in its place. What is entered in `scope` may borrow from `data`; it ends after
        #[doc = concat!("[`", stringify!($unbind), "`](Self::", stringify!($unbind), "), before the data is dropped.")]
        /// See [`scope`](crate::scope).
        ///
        /// Context: process context; may sleep. The device is powered.
        ///
        /// # Errors
        ///
        /// As those of [`probe`](Self::probe): what was entered ends, the data is dropped, and the device left unbound;
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

/// `shutdown`, a provided method of a bus' `Driver` trait: `shutdown_method!(Device, unbind)`, as `attach_method`.
macro_rules! shutdown_method {
    ($device:ident, $unbind:ident) => {
        /// Makes the device quiet before the machine is powered off or another kernel is started. Not in Linux 7.3.
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

/// The `Adapter` of a bus, which implements [`Ops`](super::Ops).
macro_rules! adapter {
    () => {
        /// Makes a [`Driver`] known to the [`driver`](crate::driver) machinery.
        pub struct Adapter<T: Driver>(::core::marker::PhantomData<T>);
    };
}
pub(crate) use adapter;

/// The probe callback of a bus that hands the matching id to it: `probe_by_id!(pci_dev, pci_device_id)` for C's structures.
macro_rules! probe_by_id {
    ($device:ident, $id:ident) => {
        impl<T: Driver> Adapter<T> {
            unsafe extern "C" fn probe(
                device: *mut $crate::bindings::$device,
                id: *const $crate::bindings::$id,
            ) -> $crate::ffi::c_int {
                let info = T::ID_TABLE.info(id);
                // SAFETY: `probe` requires a probe callback, and the device that it was called for: this is one.
                unsafe { $crate::driver::probe::<Self>(device, info) }
            }
        }
    };
}
pub(crate) use probe_by_id;

/// The members of [`Ops`](super::Ops) that hand on to the driver's method of the same meaning:
/// `hand_on!(T: Device, unbind)` for driver `T`.
macro_rules! hand_on {
    ($driver:ident: $device:ident, $unbind:ident) => {
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

        fn shutdown<'bound>(
            device: &'bound $device<$crate::device::Core<'_>>,
            data: ::core::pin::Pin<&$driver::Data<'bound>>,
        ) {
            $driver::shutdown(device, data)
        }
    };
}
pub(crate) use hand_on;

/// Makes a bus' macro for modules of one driver: `module_macro!($ module_pci_driver, pci, "PCI driver")`. The `$` is that
/// of the macro which is made.
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
