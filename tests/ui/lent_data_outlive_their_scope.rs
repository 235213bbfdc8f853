// SPDX-License-Identifier: GPL-2.0

//! If a value is lent for a lifetime, its own lifetimes are longer. An entry made with that
//! knowledge must still outlive its scope, whatever the variance of the value that gave the
//! knowledge.

#![forbid(unsafe_code)]

use core::marker::PhantomData;

use kernel::{debugfs, prelude::*, scope::Scope, workqueue};

/// As `fn(&'n ())`, this type may take the place of one with a longer lifetime.
pub struct Owner<'n>(pub PhantomData<fn(&'n ())>);

/// The file refers to `number` as long as the directory exists. A `Tree` that is forgotten leaves
/// the directory to the scope.
#[cfg(not(reject))]
pub fn tree<'x, 'n: 'x>(scope: &Scope<'x>, number: &'n u64) -> Result {
    debugfs::Tree::new(scope, None, c"tree", Owner::<'n>(PhantomData), |_, dir| {
        dir.read_only_file(c"number", number)
    })
    .map(debugfs::Tree::detach)
}
#[cfg(reject)]
#[rustfmt::skip] // the error belongs to this line
pub fn tree<'x, 'n>(scope: &Scope<'x>, number: &'n u64) -> Result {
    debugfs::Tree::new(scope, None, c"tree", Owner::<'n>(PhantomData), |_, dir| { //~ lifetime may not live long enough
        dir.read_only_file(c"number", number)
    })
    .map(debugfs::Tree::detach)
}

/// Here the only scope is the module's.
#[cfg(not(reject_2))]
pub fn dir(number: &'static u64) -> impl PinInit<debugfs::Scope<Owner<'static>>, Error> {
    debugfs::Scope::dir(Ok(Owner(PhantomData)), c"dir", move |_, dir| {
        dir.read_only_file(c"number", number)
    })
}
#[cfg(reject_2)]
#[rustfmt::skip] // the error belongs to this line
pub fn dir<'n>(number: &'n u64) -> impl PinInit<debugfs::Scope<Owner<'n>>, Error> {
    debugfs::Scope::dir(Ok(Owner(PhantomData)), c"dir", move |_, dir| { //~2 lifetime may not live long enough
        dir.read_only_file(c"number", number)
    })
}

/// Takes a reference, and drops nothing.
pub struct Job<'n>(pub fn(&'n u64));

impl workqueue::Job for Job<'_> {
    fn run(&self, _: &workqueue::WorkRef) {}
}

/// A handle may be kept for longer than its scope, and its payload with it; the job ends with the
/// scope.
pub fn longer<'n>(item: workqueue::Item<Job<'n>>) -> workqueue::Item<Job<'static>> {
    item
}
