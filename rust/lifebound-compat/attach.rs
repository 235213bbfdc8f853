// SPDX-License-Identifier: GPL-2.0

//! Drivers with `attach`, on top of a bus' own `Driver`.

/// Makes `Driver` and `Adapter` of a bus: the bus' own, with `attach`. The arguments: the module of
/// the bus in Linux's crate, and its constants with tables of ids.
macro_rules! driver_with_attach {
    ($bus:ident, $({ $table:ident: $type:ty $(= $default:expr)? }),*) => {
        /// A driver for this bus: that of Linux's crate, with [`attach`](Self::attach).
        pub trait Driver: Sized + 'static {
            /// The value beside each id of the driver's tables.
            type IdInfo: Sync + 'static;

            /// The driver's data for one device.
            type Data<'bound>: Send + 'bound;

            $(#[doc = "A table of ids."] const $table: $type $(= $default)?;)*

            /// Takes a device into service, and builds the driver's data for it.
            ///
            /// Context: process context; may sleep.
            ///
            /// # Errors
            ///
            /// The driver's own; the device is left unbound.
            fn probe<'bound>(
                dev: &'bound Device<Core<'_>>,
                id_info: Option<&'bound Self::IdInfo>,
            ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound;

            /// Registers handlers, child devices, and others that use the device's data from
            /// outside. Entries of `scope` may borrow from `data`. They end after `unbind`, before
            /// the data is dropped.
            ///
            /// Context: process context; may sleep.
            ///
            /// # Errors
            ///
            /// The driver's own. The entries of the scope end, the data is dropped, and the device
            /// is left unbound; `unbind` is not called.
            fn attach<'bound, 'x>(
                dev: &'bound Device<Core<'_>>,
                data: Pin<&'x Self::Data<'bound>>,
                scope: &'x Scope<'x>,
            ) -> Result {
                let _ = (dev, data, scope);
                Ok(())
            }

            /// Takes a device out of service, before its data is dropped.
            ///
            /// Context: process context; may sleep.
            fn unbind<'bound>(dev: &'bound Device<Core<'_>>, this: Pin<&Self::Data<'bound>>) {
                let _ = (dev, this);
            }
        }

        /// The driver that Linux's crate sees.
        #[doc(hidden)]
        pub struct WithAttach<T>(PhantomData<T>);

        impl<T: Driver> ::kernel::$bus::Driver for WithAttach<T> {
            type IdInfo = T::IdInfo;
            type Data<'bound> = Attached<T::Data<'bound>>;
            $(const $table: $type = T::$table;)*

            fn probe<'bound>(
                dev: &'bound Device<Core<'_>>,
                id_info: Option<&'bound T::IdInfo>,
            ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
                Attached::new(dev.as_ref(), T::probe(dev, id_info), move |data, scope| {
                    T::attach(dev, data, scope)
                })
            }

            fn unbind<'bound>(dev: &'bound Device<Core<'_>>, this: Pin<&Self::Data<'bound>>) {
                T::unbind(dev, this.data());
            }
        }

        /// What registers a driver `T` on this bus.
        pub type Adapter<T> = ::kernel::$bus::Adapter<WithAttach<T>>;
    };
}
