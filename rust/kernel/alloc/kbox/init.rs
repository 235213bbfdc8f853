// SPDX-License-Identifier: GPL-2.0

//! Boxes from initialisers, without a move of the value.

use core::{mem::MaybeUninit, pin::Pin};

use pin_init::{InPlaceWrite, Init, PinInit};

use super::Box;
use crate::alloc::Allocator;

impl<T, A: Allocator + 'static> InPlaceWrite<T> for Box<MaybeUninit<T>, A> {
    type Initialized = Box<T, A>;

    fn write_init<E>(mut self, init: impl Init<T, E>) -> Result<Self::Initialized, E> {
        let slot = self.as_mut_ptr();
        // SAFETY: `__init` requires memory for a `T` that nobody else uses, and may leave it
        // uninitialised on `Err`. The box owns the memory, and does not rely on its content.
        unsafe { init.__init(slot) }?;
        // SAFETY: `assume_init` requires an initialised value; `__init` returned `Ok`.
        Ok(unsafe { self.assume_init() })
    }

    fn write_pin_init<E>(mut self, init: impl PinInit<T, E>) -> Result<Pin<Self::Initialized>, E> {
        let slot = self.as_mut_ptr();
        // SAFETY: `__pinned_init` requires the same as `__init`, and that the value does not move
        // on `Ok`; it is pinned below.
        unsafe { init.__pinned_init(slot) }?;
        // SAFETY: `assume_init` requires an initialised value; `__pinned_init` returned `Ok`.
        Ok(Box::into_pin(unsafe { self.assume_init() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        alloc::{
            AllocError,
            flags::GFP_KERNEL,
            testing::{Checked, Counted, live, with_grants},
        },
        error::{Error, code::*},
        init::InPlaceInit as _,
    };

    struct Pair {
        first: Counted,
        second: u32,
    }

    #[test]
    fn fields_are_built_in_the_box() {
        let (drops, make) = Counted::source();
        let pair = Box::<Pair, Checked>::init(
            crate::try_init!(Pair {
                first: make(1),
                second: first.0 + 1
            }),
            GFP_KERNEL,
        );
        let pair = pair.unwrap();
        assert_eq!((pair.first.0, pair.second), (1, 2));
        drop(pair);
        assert_eq!((live(), drops.get()), (0, 1));
    }

    #[test]
    fn failures_leave_nothing() {
        let (drops, make) = Counted::source();
        let make = &make;
        let build = || {
            let init = crate::try_init!(Pair {
                first: make(1),
                second: Err::<u32, Error>(EBUSY)?,
            });
            Box::<Pair, Checked>::init(init, GFP_KERNEL)
        };
        assert_eq!(build().err(), Some(EBUSY));
        assert_eq!((live(), drops.get()), (0, 1));
        assert_eq!(with_grants(0, build).err(), Some(ENOMEM));
        assert_eq!(drops.get(), 1);
    }

    #[derive(Debug, PartialEq)]
    enum Mine {
        Memory,
        Other,
    }

    impl From<AllocError> for Mine {
        fn from(_: AllocError) -> Self {
            Self::Memory
        }
    }

    #[test]
    fn errors_of_other_types() {
        let (drops, make) = Counted::source();
        let make = &make;
        let build = || {
            let init = crate::try_init!(Pair {
                first: make(1),
                second: Err::<u32, Mine>(Mine::Other)?,
            }? Mine);
            Box::<Pair, Checked>::try_init(init, GFP_KERNEL)
        };
        assert_eq!(build().err(), Some(Mine::Other));
        assert_eq!(with_grants(0, build).err(), Some(Mine::Memory));
        assert_eq!((live(), drops.get()), (0, 1));
    }

    #[test]
    fn pinned_values() {
        let (drops, make) = Counted::source();
        let pinned =
            Box::<Counted, Checked>::pin_init(Ok::<_, Error>(make(2)), GFP_KERNEL).unwrap();
        assert_eq!((pinned.0, live(), drops.get()), (2, 1, 0));
        drop(pinned);
        let memory = Box::<Counted, Checked>::new_uninit(GFP_KERNEL).unwrap();
        assert_eq!(
            memory.write_pin_init(Err::<Counted, _>(EBUSY)).err(),
            Some(EBUSY)
        );
        assert_eq!((live(), drops.get()), (0, 1));
    }
}
