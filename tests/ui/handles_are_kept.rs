// SPDX-License-Identifier: GPL-2.0

//! The compiler warns if a handle is dropped by oversight, since its registration ends with it.
//! `detach` leaves it to its scope.

#![forbid(unsafe_code)]
#![deny(unused_must_use)]

use kernel::{
    prelude::*,
    scope::Scope,
    sysfs::{Attribute, Attributes, Group},
    time::hrtimer::{Expired, Restart, Timer, TimerRef},
    workqueue::{Item, Job, WorkRef, system},
};

pub struct Data(u32);

impl Job for &Data {
    fn run(&self, work: &WorkRef) {
        work.queue();
    }
}

impl Expired for &Data {
    fn expired(&self, _timer: &TimerRef) -> Restart {
        Restart::No
    }
}

impl Attributes for &Data {
    const LIST: &'static [Attribute] = &[Attribute::read_only(c"data")];
}

pub fn attach<'x>(data: &'x Data, scope: &'x Scope<'x>) -> Result {
    #[cfg(not(reject))]
    Item::new(scope, system(), data)?.detach();
    #[cfg(reject)]
    Item::new(scope, system(), data)?; //~ unused `Item` that must be used
    #[cfg(not(reject_2))]
    Timer::new(scope, data)?.detach();
    #[cfg(reject_2)]
    Timer::new(scope, data)?; //~2 unused `Timer` that must be used
    #[cfg(not(reject_3))]
    Group::new(scope, None, data)?.detach();
    #[cfg(reject_3)]
    Group::new(scope, None, data)?; //~3 unused `kernel::sysfs::Group` that must be used
    dev_info!(scope.device(), "{}\n", data.0);
    Ok(())
}
