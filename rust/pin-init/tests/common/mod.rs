// SPDX-License-Identifier: GPL-2.0

//! The items that several tests share: boxes to initialise in, and values that tell when they are
//! dropped.

#![allow(dead_code, reason = "no test uses all of it")]

use std::cell::RefCell;
use std::pin::Pin;

use pin_init::{Init, PinInit};

/// Runs an initialiser in a box.
pub(crate) fn pinned<T, E>(init: impl PinInit<T, E>) -> Result<Pin<Box<T>>, E> {
    let mut memory = Box::new_uninit();
    // SAFETY: `__pinned_init` requires memory that nobody else uses and that stays; the box is
    // pinned on `Ok`.
    unsafe { init.__pinned_init(memory.as_mut_ptr()) }?;
    // SAFETY: `assume_init` requires an initialised value; `__pinned_init` returned `Ok`.
    Ok(Box::into_pin(unsafe { memory.assume_init() }))
}

/// Runs an initialiser in a box.
pub(crate) fn boxed<T, E>(init: impl Init<T, E>) -> Result<Box<T>, E> {
    let mut memory = Box::new_uninit();
    // SAFETY: `__init` requires memory that nobody else uses; the box owns it.
    unsafe { init.__init(memory.as_mut_ptr()) }?;
    // SAFETY: `assume_init` requires an initialised value; `__init` returned `Ok`.
    Ok(unsafe { memory.assume_init() })
}

/// A list of events, in order.
#[derive(Default)]
pub(crate) struct Log(RefCell<Vec<String>>);

impl Log {
    /// Adds an entry.
    pub(crate) fn note(&self, entry: &str) {
        self.0.borrow_mut().push(entry.to_owned());
    }

    /// Returns the entries, joined by blanks, and forgets them.
    pub(crate) fn take(&self) -> String {
        self.0.take().join(" ")
    }

    /// Makes a value that notes `+name` now and `-name` when it is dropped.
    pub(crate) fn part(&self, name: &'static str) -> Part<'_> {
        self.note(&format!("+{name}"));
        Part { log: self, name }
    }
}

/// See [`Log::part`].
pub(crate) struct Part<'a> {
    log: &'a Log,
    pub(crate) name: &'static str,
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        self.log.note(&format!("-{}", self.name));
    }
}

/// The error of the tests.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) struct Fail(pub(crate) u32);

impl From<std::convert::Infallible> for Fail {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}
