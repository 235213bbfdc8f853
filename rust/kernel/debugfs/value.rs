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

/// A value, and the directory in which its files are. The directory is removed later.
#[pin_data]
struct ValuePayload<T> {
    #[pin]
    data: T,
    _dir: Option<Dir>,
}

/// A value to which its files refer. So it is in memory of its own, and its drop removes the files
/// first. If there was no memory, the value is in place, and there are no files.
///
/// # Invariants
///
/// `here` holds the value if and only if `kept` is `None`.
#[pin_data(PinnedDrop)]
pub(super) struct Value<T> {
    kept: Option<Kept<ValuePayload<T>>>,
    #[pin]
    here: Opaque<T>,
}

// SAFETY: `Sync` requires that threads may share the value: shared access to this is shared access
// to a `T`, wherever the `T` is.
unsafe impl<T: Sync> Sync for Value<T> {}

impl<T: Send> Value<T> {
    /// Builds the value, and calls `create` to make files for it. If `create` gets `false`, there
    /// can be no files, and it must make none.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The errors of `data`.
    ///
    /// # Safety
    ///
    /// 1. `create` must return what C returned for the thing that it made, an error included. That
    ///    thing may be removed, with everything that refers to the value.
    /// 2. If there can be no files, nothing may refer to the value when `create` returns.
    /// 3. If this may be dropped in an operation of a file, `T` must borrow nothing: another thread
    ///    drops it later.
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
                // SAFETY: `fill` requires
                // 1. that what `start` returned is fit for `remove`, and that nothing uses the
                //    value afterwards: (1) says so of `create`;
                // 2. that the end waits only for callbacks that `run_here` knows: these are the
                //    operations of files;
                // 3. that any thread may drop the payload: it is `Send`.
                Some(unsafe { room.fill(payload, start, remove, run_here) }?)
            } else {
                // SAFETY: a field's place requires memory of its type: the caller of the closure
                // vouches for the slot.
                let here = Opaque::cast_into(unsafe { &raw const (*slot).here });
                // SAFETY: `__pinned_init` requires memory for a `T` that stays in place, as the
                // slot does.
                unsafe { data.__pinned_init(here) }?;
                // SAFETY: a reference requires an initialised value that is only shared: the line
                // above has initialised it, and nobody else knows it.
                create(unsafe { &*here }, false);
                None
            };
            // SAFETY: a field's place requires memory of its type: the caller of the closure
            // vouches for the slot.
            let place = unsafe { &raw mut (*slot).kept };
            // SAFETY: `write` requires memory that may be written: the slot is such memory.
            unsafe { place.write(kept) };
            Ok(())
        };
        // SAFETY: `pin_init_from_closure` requires that all fields are initialised on `Ok`, and
        // none on `Err`: an `Opaque` may hold anything, and `kept` is written last.
        unsafe { pin_init_from_closure(init) }
    }
}

impl<T> Deref for Value<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.kept {
            Some(kept) => &kept.payload().get_ref().data,
            // SAFETY: a reference requires a live value: `kept` is `None`, so `here` holds the
            // value.
            None => unsafe { &*self.here.get() },
        }
    }
}

#[pinned_drop]
impl<T> PinnedDrop for Value<T> {
    fn drop(self: Pin<&mut Self>) {
        if self.kept.is_none() {
            // SAFETY: `drop_in_place` requires a value that is not used again: `kept` is `None`, so
            // `here` holds the value, and this is its end.
            unsafe { core::ptr::drop_in_place(self.here.get()) };
        }
    }
}

/// Removes the thing that `create` made.
///
/// # Safety
///
/// `dentry` must be what C returned for it, an error included. It must not have been removed.
unsafe extern "C" fn remove(dentry: *mut c_void) {
    // SAFETY: `debugfs_remove()` requires a result of C, an error included, that was not removed:
    // the caller vouches for both.
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
            let init =
                unsafe { Value::new(crate::init::into_error(Counted(&drops)), None, create) };
            stack_try_pin_init!(let value = init);
            assert_eq!(can_have_files, Some(!failure.happened()));
            assert!(value.is_ok_and(|value| core::ptr::eq(value.0, &raw const drops)));
        });
        assert_eq!((failures, drops.load(Relaxed)), (1, 2));
    }

    #[test]
    fn a_value_that_cannot_be_built_leaves_nothing() {
        let create = |_: &u32, _| core::ptr::null_mut();
        // SAFETY: `new` requires that what was created may be removed: nothing is created.
        let init = unsafe { Value::new(Err::<u32, _>(ENXIO), None, create) };
        stack_try_pin_init!(let value = init);
        assert_eq!(value.map(drop).err(), Some(ENXIO));
    }
}
