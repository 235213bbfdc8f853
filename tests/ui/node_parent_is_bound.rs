// SPDX-License-Identifier: GPL-2.0

//! A node is made in the directory of its parent, which exists as long as the parent is bound. C
//! does not check whether another thread is removing it.

#![forbid(unsafe_code)]

use kernel::{
    device::{self, Device},
    miscdevice::NodeOptions,
    prelude::*,
};

#[cfg(not(reject))]
type Parent = Device<device::Bound>;
#[cfg(reject)]
type Parent = Device<device::Normal>;

pub fn below(parent: &Parent) -> Result<NodeOptions<'_>> {
    let options = NodeOptions::new(fmt!("node"))?;
    Ok(options.parent(parent)) //~ E0308 mismatched types
}
