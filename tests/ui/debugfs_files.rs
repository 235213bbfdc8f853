// SPDX-License-Identifier: GPL-2.0

//! Files in debugfs show values that exist as long as the files do.

#![forbid(unsafe_code)]

#[cfg(reject_2)]
use core::cell::Cell;
use kernel::{
    debugfs::{Dir, File, ScopedDir, Tree},
    prelude::*,
    scope::Scope,
    sync::{
        Mutex,
        atomic::{Atomic, Relaxed},
    },
};

#[pin_data]
pub struct Data {
    number: Atomic<u32>,
    #[pin]
    slot: Mutex<Option<&'static Atomic<u32>>>,
}

/// A file of the module can be forgotten, so its value borrows nothing.
#[cfg(not(reject))]
pub fn file(dir: &'static Dir, _number: &Atomic<u32>) -> impl PinInit<File<Atomic<u32>>> {
    dir.read_only_file(c"number", Atomic::new(1))
}
#[cfg(reject)]
pub fn file<'a>(dir: &'static Dir, number: &'a Atomic<u32>) -> impl PinInit<File<&'a Atomic<u32>>> {
    dir.read_only_file(c"number", number) //~ lifetime may not live long enough
}

/// Any thread uses the value that is shown.
#[cfg(not(reject_2))]
pub type Shared = Atomic<u32>;
#[cfg(reject_2)]
pub type Shared = Cell<u32>;

pub fn show(_: &Shared, _: &mut fmt::Formatter<'_>) -> fmt::Result {
    Ok(())
}

pub fn callback(dir: &Dir, shared: Shared) -> Result {
    let _ = dir.read_callback_file(c"shared", shared, &show); //~2 E0277
    Ok(())
}

#[rustfmt::skip] // the errors belong to these lines
pub fn tree<'x>(data: &'x Data, scope: &'x Scope<'x>) -> Result {
    let local = Atomic::new(1);
    Tree::new(scope, None, c"tree", data, |data, dir| { //~3 E0373
        dir.read_only_file(c"number", &data.number);
        // A value that is not part of the data may be gone earlier.
        #[cfg(reject_3)]
        dir.read_only_file(c"local", &local);
        // A closure that captures something has nowhere to keep it.
        #[cfg(not(reject_4))]
        dir.read_callback_file(c"closure", &data.number, &|number: &Atomic<u32>, f| {
            writeln!(f, "{}", number.load(Relaxed))
        });
        #[cfg(reject_4)]
        dir.read_callback_file(c"closure", &data.number, &|_: &Atomic<u32>, f| { //~4 E0716
            writeln!(f, "{}", local.load(Relaxed)) //~4 E0597
        });
    })?
    .detach();
    let _ = &local;
    Ok(())
}

/// The value is lent to the files only.
pub fn kept<'x>(data: &'x Data, scope: &'x Scope<'x>) -> Result {
    Tree::new(scope, None, c"tree", Atomic::new(1_u32), |number, dir| {
        dir.read_only_file(c"number", number);
        #[cfg(reject_5)]
        {
            *data.slot.lock() = Some(number); //~5 E0521
        }
    })?
    .detach();
    let _ = data;
    Ok(())
}

/// The directory is not kept either.
pub fn dir<'d, 'dir>(outer: &'dir ScopedDir<'d, 'dir>, name: &CStr) {
    let inner: ScopedDir<'d, '_> = outer.dir(name);
    #[cfg(not(reject_6))]
    let _: &ScopedDir<'d, '_> = &inner;
    #[cfg(reject_6)]
    let _: &ScopedDir<'static, '_> = &inner; //~6 lifetime may not live long enough
}
