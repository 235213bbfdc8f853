// SPDX-License-Identifier: GPL-2.0

//! A handler borrows from nothing that ends before its registration, and an interrupt is requested
//! for no longer than its device is bound.

#![forbid(unsafe_code)]

use core::cell::Cell;

use kernel::{
    device::{Bound, Core},
    irq::{Flags, Handler, IrqRequest, IrqReturn, Registration},
    pci,
    prelude::*,
    scope::Scope,
};

pub struct Light<'a>(&'a u32);

impl Handler for Light<'_> {
    fn handle(&self) -> IrqReturn {
        match self.0 {
            0 => IrqReturn::None,
            _ => IrqReturn::Handled,
        }
    }
}

pub struct Data<'bound> {
    number: u32,
    vectors: pci::IrqVectorRegistration<'bound>,
}

pub fn borrowing<'x>(data: &'x Data<'x>, scope: &Scope<'x>) -> Result {
    let request: IrqRequest<'x> = data.vectors.index(0)?.into();
    #[cfg(not(reject))]
    let number = &data.number;
    #[cfg(reject)]
    let local = data.number;
    #[cfg(reject)]
    let number = &local; //~ E0597
    let registration = Registration::new_in(scope, request, Flags::SHARED, c"ui", Light(number))?;
    #[cfg(not(reject_2))]
    registration.detach();
    #[cfg(reject_2)]
    for_ever(registration); //~2 E0521
    Ok(())
}

#[cfg(reject_2)]
fn for_ever<T: 'static>(_: T) {}

pub fn shorter<'x>(data: &'x Data<'x>, scope: &Scope<'x>, pdev: &pci::Device<Bound>) -> Result {
    #[cfg(not(reject_3))]
    let _ = pdev;
    #[cfg(not(reject_3))]
    let request = data.vectors.index(0)?.into();
    #[cfg(reject_3)]
    let vectors = pdev.alloc_irq_vectors(1, 1, pci::IrqTypes::all())?;
    #[cfg(reject_3)]
    let request = vectors.index(0)?.into(); //~3 E0597
    let light = Light(&data.number);
    let registration = Registration::new_in(scope, request, Flags::SHARED, c"ui", light); //~3 E0621
    registration.map(Registration::detach)
}

pub fn in_probe(pdev: &pci::Device<Core<'_>>, number: &u32) -> Result {
    let vectors = pdev.alloc_irq_vectors(1, 1, pci::IrqTypes::all())?;
    let request = vectors.index(0)?.into();
    #[cfg(not(reject_4))]
    let light = Light(&7);
    #[cfg(reject_4)]
    let light = Light(number);
    let _ = number;
    let registration = Registration::new_static(request, Flags::SHARED, c"ui", light)?; //~4 E0521
    #[cfg(reject_5)]
    drop(vectors); //~5 E0505
    registration.synchronize();
    Ok(())
}

#[cfg(not(reject_6))]
type Count = u32;

#[cfg(reject_6)]
type Count = Cell<u32>;

pub struct Shared(Count);

#[rustfmt::skip]
impl Handler for Shared { //~6 E0277
    fn handle(&self) -> IrqReturn {
        let _ = (&self.0, Cell::new(0));
        IrqReturn::None
    }
}

pub fn unsafely(
    request: IrqRequest<'static>,
) -> impl PinInit<Registration<'static, Shared>, Error> {
    let _ = &request;
    #[cfg(not(reject_7))]
    let registration = pin_init::pin_init_scope(move || {
        Registration::new_static(request, Flags::SHARED, c"ui", shared())
    });
    #[cfg(reject_7)]
    let registration = Registration::new(request, Flags::SHARED, c"ui", Ok(shared())); //~7 E0133
    registration
}

fn shared() -> Shared {
    Shared(Count::default())
}
