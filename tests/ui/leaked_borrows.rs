// SPDX-License-Identifier: GPL-2.0

//! A borrow from a shared value ends before the value.

#![forbid(unsafe_code)]

use kernel::sync::{Arc, ArcBorrow, UniqueArc};

#[cfg(not(reject))]
pub fn content(arc: &Arc<u8>) -> &u8 {
    arc
}

#[cfg(reject)]
pub fn content<'a>(arc: Arc<u8>) -> &'a u8 {
    &arc //~ E0515
}

pub fn borrowed(arc: Arc<u8>) -> u8 {
    let borrow: ArcBorrow<'_, u8> = arc.as_arc_borrow();
    #[cfg(reject_2)]
    drop(arc); //~2 E0505
    *borrow
}

pub fn unique(mut arc: UniqueArc<u8>) -> u8 {
    *arc = 1;
    #[cfg(not(reject_3))]
    let mut shared: UniqueArc<u8> = arc;
    #[cfg(reject_3)]
    let mut shared: Arc<u8> = arc.into();
    *shared = 2; //~3 E0594
    *shared
}
