// SPDX-License-Identifier: GPL-2.0

//! The lifetimes of a nest's owner say how long its dependant may be used: safe code cannot get a
//! nest with others.

#![forbid(unsafe_code)]

use core::{marker::PhantomData, pin::Pin};

use kernel::{
    prelude::*,
    sync::Arc,
    types::{CovariantForLt, ForLt, Nest},
};

/// As `fn(&'a ())`, this type may take the place of one with a longer lifetime.
pub struct Owner<'a>(pub PhantomData<fn(&'a ())>);

/// This type is contravariant in one lifetime, covariant in the other.
pub struct Both<'a, 'b>(pub PhantomData<(fn(&'a ()), &'b ())>);

type Number = CovariantForLt!(&'_ u64);
type N<'a> = Nest<Owner<'a>, Number>;
type OfBoth<'a, 'b> = Nest<Both<'a, 'b>, Number>;
type OfNest<'a> = Nest<N<'a>, Number>;
type OfFunction<'a> = Nest<fn(&'a ()), Number>;

/// The existence of an `&'x Owner<'a>` shows that `'a` outlives `'x`.
pub fn build<'a>(number: &'a u64) -> impl PinInit<N<'a>, Error> {
    Nest::new(Owner(PhantomData), move |_owner: Pin<&Owner<'a>>, slot| {
        slot.fill(number)
    })
}

pub fn of_nest<'a>(inner: impl PinInit<N<'a>, Error>) -> impl PinInit<OfNest<'a>, Error> {
    Nest::new(inner, |inner, slot| {
        slot.fill(*inner.get_ref().dependant().get_ref())
    })
}

pub fn of_both<'a>(number: &'a u64) -> impl PinInit<OfBoth<'a, 'a>, Error> {
    Nest::new(Both(PhantomData), move |_: Pin<&Both<'a, 'a>>, slot| {
        slot.fill(number)
    })
}

/// The dependant of a covariant type is shortened as it is lent; the type around the nest may be
/// shortened as well.
pub fn shorter<'r>(nest: &'r Pin<KBox<N<'static>>>) -> &'r u64 {
    *nest.dependant().get_ref()
}

#[cfg(not(reject))]
pub fn boxed<'a>(nest: Pin<KBox<N<'a>>>) -> Pin<KBox<N<'a>>> {
    nest
}
#[cfg(reject)]
pub fn boxed<'a>(nest: Pin<KBox<N<'a>>>) -> Pin<KBox<N<'static>>> {
    nest //~ lifetime may not live long enough
}

#[cfg(not(reject_2))]
pub fn lent<'a>(nest: Pin<&'a N<'a>>) -> Pin<&'a N<'a>> {
    nest
}
#[cfg(reject_2)]
pub fn lent<'a>(nest: Pin<&'a N<'a>>) -> Pin<&'a N<'static>> {
    nest //~2 lifetime may not live long enough
}

#[cfg(not(reject_3))]
pub fn shared<'a>(nest: Arc<N<'a>>) -> Arc<N<'a>> {
    nest
}
#[cfg(reject_3)]
pub fn shared<'a>(nest: Arc<N<'a>>) -> Arc<N<'static>> {
    nest //~3 lifetime may not live long enough
}

/// Facts about a nest that need not name its type.
pub trait Read {
    fn read(&self) -> &u64;
}

impl Read for N<'_> {
    fn read(&self) -> &u64 {
        *self.dependant().get_ref()
    }
}

#[cfg(not(reject_4))]
pub fn object<'a>(nest: &'a N<'a>) -> &'a (dyn Read + 'a) {
    nest
}
#[cfg(reject_4)]
pub fn object<'a>(nest: &'a N<'a>) -> &'a (dyn Read + 'static) {
    nest //~4 lifetime may not live long enough
}

#[cfg(not(reject_5))]
pub fn several<'a, 'b>(nest: Pin<KBox<OfBoth<'a, 'b>>>) -> Pin<KBox<OfBoth<'a, 'b>>> {
    nest
}
#[cfg(reject_5)]
pub fn several<'a, 'b>(nest: Pin<KBox<OfBoth<'a, 'b>>>) -> Pin<KBox<OfBoth<'static, 'b>>> {
    nest //~5 lifetime may not live long enough
}

#[cfg(not(reject_6))]
pub fn nested<'a>(nest: Pin<KBox<OfNest<'a>>>) -> Pin<KBox<OfNest<'a>>> {
    nest
}
#[cfg(reject_6)]
pub fn nested<'a>(nest: Pin<KBox<OfNest<'a>>>) -> Pin<KBox<OfNest<'static>>> {
    nest //~6 lifetime may not live long enough
}

#[cfg(not(reject_7))]
pub fn function<'a>(nest: Pin<KBox<OfFunction<'a>>>) -> Pin<KBox<OfFunction<'a>>> {
    nest
}
#[cfg(reject_7)]
pub fn function<'a>(nest: Pin<KBox<OfFunction<'a>>>) -> Pin<KBox<OfFunction<'static>>> {
    nest //~7 lifetime may not live long enough
}

/// A nest for all lifetimes is not one for each.
#[cfg(reject_8)]
pub fn higher(nest: Pin<KBox<OfFunction<'static>>>) -> Pin<KBox<Nest<for<'r> fn(&'r ()), Number>>> {
    nest //~8 E0308
}

/// The lifetimes also stay when a nest is made.
#[cfg(not(reject_9))]
pub fn made<'a>(number: &'a u64) -> Result<Pin<KBox<N<'a>>>> {
    KBox::pin_init(build(number), GFP_KERNEL)
}
#[cfg(reject_9)]
pub fn made<'a>(number: &'a u64) -> Result<Pin<KBox<N<'static>>>> {
    KBox::pin_init(build(number), GFP_KERNEL) //~9 lifetime may not live long enough
}

/// As the dependant of another nest, it may have the lifetime that is open, but not be covariant.
pub fn dependant(_: &Nest<u64, ForLt!(N<'_>)>) {}
#[cfg(reject_10)]
type Dependant = CovariantForLt!(N<'_>); //~10 lifetime may not live long enough

/// The number must outlive a lifetime of the owner's.
#[cfg(not(reject_11))]
pub fn outlives<'a, 'n: 'a>(number: &'n u64) -> impl PinInit<N<'a>, Error> {
    Nest::new(Owner(PhantomData), move |_owner: Pin<&Owner<'a>>, slot| {
        slot.fill(number)
    })
}
#[cfg(reject_11)]
pub fn outlives<'a, 'n>(number: &'n u64) -> impl PinInit<N<'a>, Error> + use<'a, 'n> {
    Nest::new(Owner(PhantomData), move |_: Pin<&Owner<'a>>, slot| {
        slot.fill(number) //~11 lifetime may not live long enough
    })
}

/// The nest is gone before the value that it borrows.
#[cfg(not(reject_12))]
pub fn kept() -> Result {
    let number = KBox::new(7, GFP_KERNEL)?;
    let nest = KBox::pin_init(build(&number), GFP_KERNEL)?;
    let _ = *nest.dependant();
    drop(nest);
    drop(number);
    Ok(())
}
#[cfg(reject_12)]
pub fn kept() -> Result<Pin<KBox<N<'static>>>> {
    let number = KBox::new(7, GFP_KERNEL)?;
    let nest = KBox::pin_init(build(&number), GFP_KERNEL)?;
    Ok(nest) //~12 E0515
}
