// SPDX-License-Identifier: GPL-2.0

//! The firmware node of a device is lent while the device is bound; a node that is kept is counted.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Device, property::FwNode},
    str::CString,
    sync::aref::ARef,
};

#[cfg(not(reject))]
pub fn node(device: &Device<Bound>) -> Option<&FwNode> {
    device.fwnode()
}

#[cfg(reject)]
pub fn node(device: &Device) -> Option<&FwNode> {
    device.fwnode() //~ E0599 fwnode
}

#[cfg(not(reject_2))]
pub fn kept(device: &Device<Bound>) -> Option<ARef<FwNode>> {
    device.fwnode().map(ARef::from)
}

#[cfg(reject_2)]
pub fn kept(device: &Device<Bound>) -> Option<&'static FwNode> {
    device.fwnode() //~2 lifetime may not live long enough
}

#[cfg(not(reject_3))]
pub fn first(node: &FwNode) -> Option<ARef<FwNode>> {
    node.children().next()
}

#[cfg(reject_3)]
pub fn first(node: &FwNode) -> Option<&FwNode> {
    node.children().next().as_deref() //~3 E0515
}

#[cfg(not(reject_4))]
pub fn value(node: &FwNode) -> (u32, [i8; 4], Option<CString>) {
    (
        node.property_read(c"a").or(1),
        node.property_read(c"b").or_default(),
        node.property_read(c"c").optional(),
    )
}

#[cfg(reject_4)]
pub fn value(node: &FwNode) -> Option<&'static str> {
    node.property_read::<&'static str>(c"c").optional() //~4 E0277
}
