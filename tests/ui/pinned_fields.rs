// SPDX-License-Identifier: GPL-2.0

//! A pinned field of a driver's data is reached pinned, and nothing moves it.

#![forbid(unsafe_code)]

use kernel::{prelude::*, sync::Mutex};

#[pin_data] //~4 E0119 conflicting implementations of trait `Unpin`
pub struct Data {
    #[pin]
    lock: Mutex<u8>,
    number: u8,
}

pub fn new() -> impl PinInit<Data> {
    pin_init!(Data {
        lock <- kernel::new_mutex!(1),
        number: 2,
    })
}

#[cfg(not(reject))]
pub fn by_box() -> Result<Pin<KBox<Data>>> {
    KBox::pin_init(new(), GFP_KERNEL)
}

#[cfg(reject)]
pub fn by_box() -> Result<KBox<Data>> {
    KBox::init(new(), GFP_KERNEL)? //~ E0308
}

#[cfg(not(reject_2))]
pub fn access(data: Pin<&mut Data>) -> u8 {
    core::mem::take(data.project().number)
}

#[cfg(reject_2)]
pub fn access(data: Pin<&mut Data>) -> u8 {
    core::mem::take(&mut data.get_mut().number) //~2 E0277
}

#[cfg(not(reject_3))]
pub fn other(data: &Data) -> u8 {
    *data.lock.lock()
}

#[cfg(reject_3)]
pub fn other(data: Pin<&mut Data>) -> u8 {
    let lock: &mut Mutex<u8> = &mut data.lock; //~3 E0596
    *lock.lock()
}

#[cfg(reject_4)]
impl Unpin for Data {}

#[cfg(reject_5)]
#[pin_data] //~5 E0119
pub struct Other {
    number: u8,
}
#[cfg(not(reject_5))]
pub struct Other {
    number: u8,
}

impl Drop for Other {
    fn drop(&mut self) {
        self.number = 0;
    }
}

#[cfg(not(reject_6))]
pub fn moved(data: Pin<KBox<Data>>) -> Pin<KBox<Data>> {
    data
}

#[cfg(reject_6)]
pub fn moved(data: Pin<KBox<Data>>) -> Data {
    KBox::into_inner(Pin::into_inner(data)) //~6 E0277
}
