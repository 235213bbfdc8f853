// SPDX-License-Identifier: GPL-2.0

//! Devices whose references any thread may use, around types of Linux's crate that lack this.

/// Makes `$name`, around a type of that name in a module of Linux's crate. `$raw` is C's structure.
macro_rules! shared_device {
    ($bus:ident, $name:ident, $raw:ident) => {
        /// A device of Linux's crate, which all threads may use while it is bound.
        #[repr(transparent)]
        pub struct $name<Ctx: DeviceContext = Normal>(::kernel::$bus::$name<Ctx>);

        // SAFETY: `Sync` requires that threads may share the value: each method of a bound device
        // in this module calls a function of C's that any thread may call, or reads a field that
        // does not change while the device is bound.
        unsafe impl Sync for $name<Bound> {}

        impl<Ctx: DeviceContext> $name<Ctx> {
            const IS_THE_C_STRUCTURE: () = assert!(
                size_of::<::kernel::$bus::$name<Ctx>>() == size_of::<bindings::$raw>()
                    && align_of::<::kernel::$bus::$name<Ctx>>() == align_of::<bindings::$raw>()
            );

            pub(crate) fn wrap(device: &::kernel::$bus::$name<Ctx>) -> &Self {
                // SAFETY: the reference requires a value of the type; `Self` is transparent.
                unsafe { &*core::ptr::from_ref(device).cast::<Self>() }
            }

            /// C's structure. Linux's type is that structure, whole: the sizes agree.
            fn as_raw(&self) -> *mut bindings::$raw {
                let () = Self::IS_THE_C_STRUCTURE;
                core::ptr::from_ref(&self.0).cast_mut().cast()
            }
        }

        impl<'a> Deref for $name<Core<'a>> {
            type Target = $name<Bound>;

            fn deref(&self) -> &$name<Bound> {
                $name::<Bound>::wrap(&self.0)
            }
        }

        impl Deref for $name<Bound> {
            type Target = $name;

            fn deref(&self) -> &$name {
                <$name>::wrap(&self.0)
            }
        }

        impl<Ctx: DeviceContext> AsRef<device::Device<Ctx>> for $name<Ctx> {
            fn as_ref(&self) -> &device::Device<Ctx> {
                self.0.as_ref()
            }
        }
    };
}
