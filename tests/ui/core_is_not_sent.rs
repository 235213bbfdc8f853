// SPDX-License-Identifier: GPL-2.0

//! Operations that are legal inside a callback stay on the callback's thread.

#![forbid(unsafe_code)]

use kernel::{
    alloc::KBox,
    device::{Bound, Core, Device},
    prelude::*,
};

fn spawn(job: impl FnOnce() + Send) {
    job();
}

#[cfg(not(reject))]
pub fn from_probe(dev: &Device<Core<'_>>) {
    let dev: &Device<Bound> = dev;
    spawn(move || assert!(dev.name() != c"ui"));
}

#[cfg(reject)]
pub fn from_probe(dev: &Device<Core<'_>>) {
    spawn(move || assert!(dev.name() != c"ui")); //~ E0277
}

pub trait Named {
    fn length(&self) -> usize;
}

impl<C: kernel::device::DeviceContext> Named for Device<C> {
    fn length(&self) -> usize {
        self.name().count_bytes()
    }
}

#[cfg(not(reject_2))]
pub fn as_object<'a>(dev: &'a Device<Core<'_>>) -> &'a (dyn Named + Sync + 'a) {
    let dev: &Device<Bound> = dev;
    dev
}

#[cfg(reject_2)]
pub fn as_object<'a>(dev: &'a Device<Core<'_>>) -> &'a (dyn Named + Sync + 'a) {
    dev //~2 E0277
}

#[cfg(not(reject_3))]
pub fn as_closure<'a>(dev: &'a Device<Bound>) -> Result<KBox<dyn Fn() -> usize + Send + 'a>> {
    Ok(KBox::new(move || dev.length(), GFP_KERNEL)?)
}

#[cfg(reject_3)]
pub fn as_closure<'a>(dev: &'a Device<Core<'_>>) -> Result<KBox<dyn Fn() -> usize + Send + 'a>> {
    Ok(KBox::new(move || dev.length(), GFP_KERNEL)?) //~3 E0277
}
