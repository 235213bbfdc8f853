// SPDX-License-Identifier: GPL-2.0

//! The parts of a binding: the state that a resource keeps for each bound device.
//!
//! A part is defined beside the code that needs it, and a bus names the parts of its devices in a
//! tuple. Parts are built before `probe` runs, and are freed with the binding. Their hooks run in
//! the order of the tuple while a binding begins, and in reverse order while it ends.

use core::{any::TypeId, ptr::NonNull};

use super::handle::{Binding, Moment};
use crate::error::Result;

/// A part of a binding.
///
/// Context: process context; may sleep. The caller of a hook holds the device lock.
pub trait Part: Send + Sync + 'static {
    /// Called when `probe` and `attach` have succeeded. The device is in service.
    ///
    /// # Errors
    ///
    /// An error ends the binding, as an error of `probe` does.
    fn in_service(&self, binding: Binding<'_>) -> Result {
        let _ = binding;
        Ok(())
    }

    /// Called when the binding is about to end. `unbind` is called next.
    fn ending(&self, binding: Binding<'_>) {
        let _ = binding;
    }

    /// Called when `unbind` has returned, or `probe` or `attach` has failed. The entries of the
    /// scope have not ended.
    fn leaving_service(&self, binding: Binding<'_>) {
        let _ = binding;
    }

    /// Called before the bus' remove callback returns, if the driver's data stays until the driver
    /// core's hook drops it.
    fn kept(&self, binding: Binding<'_>) {
        let _ = binding;
    }

    /// Called when the driver's data was dropped, if there was any. Managed resources still exist.
    fn data_dropped(&self, binding: Binding<'_>) {
        let _ = binding;
    }

    /// Called when the managed resources were released as well.
    fn released(&self, binding: Binding<'_>) {
        let _ = binding;
    }
}

impl Moment {
    fn tell(self, part: &dyn Part, binding: Binding<'_>) -> Result {
        match self {
            Self::InService => return part.in_service(binding),
            Self::Ending => part.ending(binding),
            Self::LeavingService => part.leaving_service(binding),
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
/// `find` must return only pointers to a value of the type with that id, within `this`.
pub unsafe trait Parts: Send + Sync + 'static {
    /// The part of this type, with the provenance of `this`.
    fn find(this: NonNull<Self>, part: TypeId) -> Option<NonNull<()>>;

    /// Calls each part's hook for a moment: in order while the binding begins, in reverse order
    /// while it ends.
    fn tell(&self, moment: Moment, binding: Binding<'_>) -> Result;
}

macro_rules! tuple {
    ($($part:ident $index:tt),*) => {
        // SAFETY: `Parts` requires that `find` return only pointers to values of the type; it
        // compares the type of each field.
        unsafe impl<$($part: Part),*> Parts for ($($part,)*) {
            fn find(this: NonNull<Self>, part: TypeId) -> Option<NonNull<()>> {
                $(
                    if part == TypeId::of::<$part>() {
                        // SAFETY: the field's address requires a pointer to such a tuple; `this` is
                        // one.
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
