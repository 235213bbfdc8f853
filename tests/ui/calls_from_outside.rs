// SPDX-License-Identifier: GPL-2.0

//! Files, work and timers use the data that their scope lends them, and keep nothing that a call
//! lends them.

#![forbid(unsafe_code)]

#[cfg(reject_4)]
use core::cell::Cell;
use kernel::{
    fs::{File, file::Offset},
    iov::IovIterDest,
    miscdevice::{Files, Node, NodeOptions, OpenFile},
    prelude::*,
    scope::Scope,
    sync::{
        Mutex,
        atomic::{Atomic, Relaxed},
    },
    time::hrtimer::{Expired, Restart, Timer, TimerRef},
    workqueue::{self, Item, Job, WorkRef},
};

#[pin_data]
pub struct Data {
    number: Atomic<u32>,
    #[pin]
    slot: Mutex<Option<&'static u8>>,
    #[pin]
    work: Mutex<Option<&'static WorkRef>>,
}

/// The state that is kept for a file is dropped with the file, so it may borrow nothing.
pub struct Kept<'x>(&'x Data);

#[vtable]
impl<'x> Files for Kept<'x> {
    #[cfg(not(reject))]
    type File = u32;
    #[cfg(reject)]
    type File = &'x Atomic<u32>; //~ E0477

    #[cfg(not(reject))]
    fn open(&self, _file: &File) -> Result<u32> {
        Ok(self.0.number.load(Relaxed))
    }
    #[cfg(reject)]
    fn open(&self, _file: &File) -> Result<&'x Atomic<u32>> {
        Ok(&self.0.number)
    }
}

/// A call keeps neither the values that it is lent nor its own data.
pub struct Lent<'x>(&'x Data);

#[vtable]
impl Files for Lent<'_> {
    type File = u8;

    fn open(&self, _file: &File) -> Result<u8> {
        Ok(0)
    }

    fn read_iter(
        &self,
        file: &OpenFile<'_, u8>,
        _pos: &mut Offset,
        _iov: &mut IovIterDest<'_>,
    ) -> Result<usize> {
        let number = file.state();
        #[cfg(not(reject_2))]
        let number = match *number {
            0 => &0,
            _ => &1,
        };
        *self.0.slot.lock() = Some(number); //~2 E0521
        Ok(0)
    }
}

pub struct Later<'x>(&'x Data);

impl Job for Later<'_> {
    fn run(&self, work: &WorkRef) {
        #[cfg(not(reject_3))]
        let _ = work.queue();
        #[cfg(reject_3)]
        self.0.work.lock().replace(work); //~3 E0521
    }
}

/// Handlers run on any thread, several at a time.
#[cfg(not(reject_4))]
pub struct Shared(Atomic<u32>);
#[cfg(reject_4)]
pub struct Shared(Cell<u32>);

#[rustfmt::skip]
impl Expired for Shared { //~4 E0277
    fn expired(&self, _timer: &TimerRef) -> Restart {
        let _ = &self.0;
        Restart::No
    }
}

/// Data outlive the scope.
pub fn start<'x>(data: &'x Data, scope: &'x Scope<'x>) -> Result {
    Node::new(scope, NodeOptions::new(fmt!("node"))?, Kept(data))?.detach();
    Item::new(scope, workqueue::system(), Later(data))?.detach();
    Timer::new(scope, Local(&data.number))?.detach();
    let number = Atomic::new(1);
    #[cfg(reject_5)]
    Node::new(scope, NodeOptions::new(fmt!("node"))?, Local(&number))?.detach(); //~5 E0597
    #[cfg(reject_6)]
    Item::new(scope, workqueue::system(), Local(&number))?.detach(); //~6 E0597
    #[cfg(reject_7)]
    Timer::new(scope, Local(&number))?.detach(); //~7 E0597
    let _ = &number;
    Ok(())
}

pub struct Local<'x>(&'x Atomic<u32>);

impl Expired for Local<'_> {
    fn expired(&self, _timer: &TimerRef) -> Restart {
        self.0.add(1, Relaxed);
        Restart::No
    }
}

impl Job for Local<'_> {
    fn run(&self, _work: &WorkRef) {
        self.0.add(1, Relaxed);
    }
}

#[vtable]
impl Files for Local<'_> {
    type File = ();

    fn open(&self, _file: &File) -> Result {
        self.0.add(1, Relaxed);
        Ok(())
    }
}

/// Without a scope, data must not borrow at all.
pub fn in_probe<'a>(
    device: &kernel::device::Device<kernel::device::Bound>,
    data: &'a Data,
) -> Result {
    #[cfg(not(reject_8))]
    let job = {
        let _ = data;
        Own
    };
    #[cfg(reject_8)]
    let job = Later(data);
    Item::new_static(device, workqueue::system(), job)?.detach(); //~8 E0521
    Ok(())
}

pub struct Own;

impl Job for Own {
    fn run(&self, _work: &WorkRef) {}
}
