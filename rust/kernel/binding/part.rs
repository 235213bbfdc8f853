// SPDX-License-Identifier: GPL-2.0

//! The parts of a binding: what a resource keeps for each bound device.
//!
//! A part lives with the code that needs it, and a bus names those that its devices have. Parts are built before `probe`
//! runs, and go with the binding. Their hooks run in the order of the tuple while a binding begins, and in reverse order
//! while it ends.

use core::{any::TypeId, ptr::NonNull};

use super::handle::{Binding, Moment};
use crate::error::Result;

/// Something that a binding keeps for its device. All hooks run under the device lock and may sleep.
pub trait Part: Send + Sync + 'static {
    /// `probe` and `attach` have succeeded: the device is in service.
    ///
    /// # Errors
    ///
    /// An error ends the binding, as one of `probe` does.
    fn in_service(&self, binding: Binding<'_>) -> Result {
        let _ = binding;
        Ok(())
    }

    /// The binding is about to end: `unbind` is called next.
    fn ending(&self, binding: Binding<'_>) {
        let _ = binding;
    }

    /// The bus' remove callback returns, and the driver's data stays until the driver core's hook drops it.
    fn kept(&self, binding: Binding<'_>) {
        let _ = binding;
    }

    /// The driver's data was dropped, if there was any. Managed resources are still there.
    fn data_dropped(&self, binding: Binding<'_>) {
        let _ = binding;
    }

    /// The managed resources were released as well.
    fn released(&self, binding: Binding<'_>) {
        let _ = binding;
    }
}

impl Moment {
    fn tell(self, part: &dyn Part, binding: Binding<'_>) -> Result {
        match self {
            Self::InService => return part.in_service(binding),
            Self::Ending => part.ending(binding),
            Self::Kept => part.kept(binding),
            Self::DataDropped => part.data_dropped(binding),
            Self::Released => part.released(binding),
        }
        Ok(())
    }
}

/// The parts of a bus' bindings: a tuple of [`Part`]s.
///
/// # Safety
///
/// `find` must return a pointer to a value of the type with that id, within `this`.
pub unsafe trait Parts: Send + Sync + 'static {
    /// The part of this type, with the provenance of `this`.
    fn find(this: NonNull<Self>, part: TypeId) -> Option<NonNull<()>>;

    /// Calls each part's hook for a moment, in order, or in reverse order when the binding ends.
    fn tell(&self, moment: Moment, binding: Binding<'_>) -> Result;
}

macro_rules! tuple {
    ($($part:ident $index:tt),*) => {
        // SAFETY: the type of the field is compared.
        unsafe impl<$($part: Part),*> Parts for ($($part,)*) {
            fn find(this: NonNull<Self>, part: TypeId) -> Option<NonNull<()>> {
                $(
                    if part == TypeId::of::<$part>() {
                        // SAFETY: `this` points to a tuple of these.
                        let part = unsafe { &raw mut (*this.as_ptr()).$index };
                        return NonNull::new(part.cast());
                    }
                )*
                let _ = (this, part);
                None
            }

            fn tell(&self, moment: Moment, binding: Binding<'_>) -> Result {
                let parts: [&dyn Part; _] = [$(&self.$index),*];
                match moment {
                    Moment::InService => parts.iter().try_for_each(|part| moment.tell(*part, binding)),
                    _ => parts.iter().rev().try_for_each(|part| moment.tell(*part, binding)),
                }
            }
        }
    };
}

tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
