// SPDX-License-Identifier: GPL-2.0

//! The type exists for every lifetime, and outlives it: no bound is taken on trust.

#![forbid(unsafe_code)]

use kernel::types::ForLt;

pub struct NeedsStatic<T: 'static>(pub T);
pub struct Longer<'long: 'short, 'short>(pub &'long u8, pub &'short u8);
pub struct Outlived<'a>(pub &'a u8)
where
    'a: 'static;

type Evil<'a> = &'static &'a u8;

#[cfg(not(any(reject, reject_2, reject_3, reject_4, reject_5, reject_6, reject_7)))]
type Good = ForLt!(Longer<'static, '_>);
#[cfg(reject)]
type Good = ForLt!(&'static &'_ u8); //~ lifetime may not live long enough
#[cfg(reject_2)]
type Good = ForLt!(Evil<'_>); //~2 lifetime may not live long enough
#[cfg(reject_3)]
type Good = ForLt!(NeedsStatic<&'_ u8>); //~3 lifetime may not live long enough
#[cfg(reject_4)]
type Good = ForLt!(Longer<'_, 'static>); //~4 lifetime may not live long enough
#[cfg(reject_5)]
type Good = ForLt!(Outlived<'_>); //~5 lifetime may not live long enough
#[cfg(reject_6)]
type Good = ForLt!((&'_ u8, &'static Outlived<'_>)); //~6 lifetime may not live long enough
#[cfg(reject_7)]
type Good = ForLt!(&'static Longer<'static, '_>); //~7 lifetime may not live long enough

pub fn check(_: <Good as ForLt>::Of<'_>) {}
