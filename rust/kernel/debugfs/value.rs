// SPDX-License-Identifier: GPL-2.0

//! A value that files are about.

use core::ops::Deref;

use pin_init::{pin_data, pin_init_from_closure, pinned_drop};

use super::{dir::Dir, operations::run_here};
use crate::{
    bindings,
    ffi::c_void,
    module_scope::{Kept, Room},
    prelude::*,
    types::Opaque,
};

/// A value, and the directory that its files are in, which is removed later.
#[pin_data]
struct ValuePayload<T> {
    #[pin]
    data: T,
    _dir: Option<Dir>,
}

/// A value whose files refer to it, so it is in memory of its own. Its drop removes them first. If there was no memory, it
/// is in place, and there are no files.
///
/// # Invariants
///
/// `here` holds the value if and only if it is not `kept`.
#[pin_data(PinnedDrop)]
pub(super) struct Value<T> {
    kept: Option<Kept<ValuePayload<T>>>,
    #[pin]
    here: Opaque<T>,
}

// SAFETY: shared access to it is shared access to a `T`, wherever it is.
unsafe impl<T: Sync> Sync for Value<T> {}

impl<T: Send> Value<T> {
    /// Builds the value, and has `create` make files for it, or do without if it is told that there can be none. May sleep.
    ///
    /// # Errors
    ///
    /// Those of `data`.
    ///
    /// # Safety
    ///
    /// `create` must return what C returned for what it made, an error included, which may be removed with all that refers
    /// to the value. Where there can be no files, nothing may refer to the value when it returns.
    /// If this may be dropped in an operation of a file, `T` must borrow nothing: another thread drops
    /// it later.
    pub(super) unsafe fn new<E>(
        data: impl PinInit<T, E>,
        dir: Option<Dir>,
        create: impl FnOnce(&T, bool) -> *mut bindings::dentry,
    ) -> impl PinInit<Self, E> {
        let init = move |slot: *mut Self| {
            let kept = if let Ok(room) = Room::new() {
                let payload = try_pin_init!(ValuePayload {
                    data <- data,
                    _dir: dir,
                }? E);
                let start = |payload: Pin<&ValuePayload<T>>| {
                    Ok(create(&payload.get_ref().data, true).cast())
                };
                // SAFETY: `fill` requires 1. that what `start` returns be fit for `remove`, and
                // nothing use the value afterwards: the caller says so of what `create` returns; 2.
                // that the end wait for no callback but those that `run_here` knows: these are the
                // operations of files; 3. that the payload be `Send`: it is.
                Some(unsafe { room.fill(payload, start, remove, run_here) }?)
            } else {
                // SAFETY: the caller of the closure vouches for the slot.
                let here = Opaque::cast_into(unsafe { &raw const (*slot).here });
                // SAFETY: `__pinned_init` requires memory for a `T` that stays in place, as the slot does.
                unsafe { data.__pinned_init(here) }?;
                // SAFETY: initialised in the line above, and shared with nobody.
                create(unsafe { &*here }, false);
                None
            };
            // SAFETY: the caller of the closure vouches for the slot.
            let place = unsafe { &raw mut (*slot).kept };
            // SAFETY: as above.
            unsafe { place.write(kept) };
            Ok(())
        };
        // SAFETY: `pin_init_from_closure` requires that all fields be initialised on `Ok`, and none on `Err`: an `Opaque`
        // may hold anything, and `kept` is written last.
        unsafe { pin_init_from_closure(init) }
    }
}

impl<T> Deref for Value<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.kept {
            Some(kept) => &kept.payload().get_ref().data,
            // SAFETY: it is not kept, so it is here.
            None => unsafe { &*self.here.get() },
        }
    }
}

#[pinned_drop]
impl<T> PinnedDrop for Value<T> {
    fn drop(self: Pin<&mut Self>) {
        if self.kept.is_none() {
            // SAFETY: `drop_in_place` requires a value that is not used again: it is not kept, so it is here, and this is
            // the end of it.
            unsafe { core::ptr::drop_in_place(self.here.get()) };
        }
    }
}

/// Removes what was created.
///
/// # Safety
///
/// `dentry` must be what C returned for it, an error included, and not have been removed.
unsafe extern "C" fn remove(dentry: *mut c_void) {
    // SAFETY: `debugfs_remove()` requires what the caller vouches for.
    unsafe { bindings::lb_debugfs_remove(dentry.cast()) }
}

#[cfg(lifebound_kunit)]
#[macros::kunit_tests(lifebound_debugfs)]
mod kunit {
    use pin_init::stack_try_pin_init;

    use super::*;
    use crate::{
        kunit::for_each_failure,
        sync::atomic::{Atomic, Relaxed},
    };

    /// Counts its drops.
    struct Counted<'a>(&'a Atomic<u32>);

    impl Drop for Counted<'_> {
        fn drop(&mut self) {
            self.0.add(1, Relaxed);
        }
    }

    #[test]
    fn without_memory_the_value_is_in_place() {
        let drops = Atomic::new(0);
        let failures = for_each_failure(|failure| {
            let mut can_have_files = None;
            let create = |data: &Counted<'_>, can| {
                assert_eq!(data.0.load(Relaxed), drops.load(Relaxed));
                can_have_files = Some(can);
                ENOMEM.to_ptr()
            };
            // SAFETY: `new` requires that what was created may be removed: an error may.
            let init = unsafe { Value::new::<Error>(Counted(&drops), None, create) };
            stack_try_pin_init!(let value = init);
            assert_eq!(can_have_files, Some(!failure.happened()));
            assert!(value.is_ok_and(|value| core::ptr::eq(value.0, &raw const drops)));
        });
        assert_eq!((failures, drops.load(Relaxed)), (1, 2));
    }

    #[test]
    fn a_value_that_cannot_be_built_leaves_nothing() {
        let create = |_: &u32, _| core::ptr::null_mut();
        // SAFETY: nothing is created.
        let init = unsafe { Value::new(Err::<u32, _>(ENXIO), None, create) };
        stack_try_pin_init!(let value = init);
        assert_eq!(value.map(drop).err(), Some(ENXIO));
    }
}
