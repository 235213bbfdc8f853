// SPDX-License-Identifier: GPL-2.0

//! [`ARef`]: a counted reference to an object that counts by itself.
//!
//! C header: the header of the object, such as `include/linux/device.h` for `get_device` and
//! `put_device`.
//!
//! C objects carry their own counters. A wrapper type `T` of such an object implements
//! [`AlwaysRefCounted`]. A driver then turns any `&T` into an `ARef<T>`, to keep the object's
//! memory for as long as it likes. `T` says what the object can still do after that, for a device
//! may be unbound.

use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::Deref;
use core::ptr::NonNull;

/// A type whose every value is counted by reference.
///
/// # Safety
///
/// - Every value that a `&Self` can ever refer to must carry a counter that keeps it alive, in
///   place, while the counter is above zero. So safe code must have no way to make a value, to move
///   one, or to have a `&mut Self`.
/// - `inc_ref` must count one reference, which must keep the value alive until a `dec_ref`.
/// - The counter must not wrap, however many references are leaked: saturating is right.
/// - If the type is `Send` and `Sync`, `dec_ref` must be callable on any thread.
pub unsafe trait AlwaysRefCounted {
    /// Counts one reference more.
    ///
    /// Context: any context.
    #[doc(alias = "get_device")]
    fn inc_ref(&self);

    /// Counts one reference less, and frees the object if that was the last.
    ///
    /// Context: as for the C function that it stands for.
    ///
    /// # Safety
    ///
    /// The caller must own one of the counted references and gives it up. That reference must not
    /// be the reason for any later use of `obj`.
    unsafe fn dec_ref(obj: NonNull<Self>);
}

/// Keeps an object that counts its references alive.
///
/// Context: a clone works in every context. A drop works where the C function behind
/// [`dec_ref`](AlwaysRefCounted::dec_ref) does: many may sleep when it was the last reference.
///
/// # Examples
///
/// ```no_run
/// use kernel::{task::Task, types::ARef};
///
/// fn keep(task: &Task) -> ARef<Task> {
///     task.into()
/// }
/// ```
///
/// # Invariants
///
/// `ptr` points to a live `T`, and the `ARef` owns one of the references that it counts.
#[repr(transparent)]
pub struct ARef<T: AlwaysRefCounted> {
    ptr: NonNull<T>,
    /// An `ARef` may end a `T`.
    phantom: PhantomData<T>,
}

impl<T: AlwaysRefCounted> ARef<T> {
    /// Takes a counted reference over.
    ///
    /// # Safety
    ///
    /// `ptr` must point to a live `T`, and the caller must own one of its counted references, which
    /// it gives up.
    pub unsafe fn from_raw(ptr: NonNull<T>) -> Self {
        // INVARIANT: this function's contract.
        Self {
            ptr,
            phantom: PhantomData,
        }
    }

    /// Gives the counted reference away. [`from_raw`](Self::from_raw) takes it back.
    pub fn into_raw(me: Self) -> NonNull<T> {
        ManuallyDrop::new(me).ptr
    }
}

impl<T: AlwaysRefCounted> Clone for ARef<T> {
    fn clone(&self) -> Self {
        ARef::from(&**self)
    }
}

impl<T: AlwaysRefCounted> Deref for ARef<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: `as_ref` requires a live value; the type's invariant ensures it.
        unsafe { self.ptr.as_ref() }
    }
}

impl<T: AlwaysRefCounted> From<&T> for ARef<T> {
    fn from(object: &T) -> Self {
        object.inc_ref();
        // SAFETY: `from_raw` requires a live `T` and a counted reference. The reference was counted
        // above, and keeps the value alive by the contract of `AlwaysRefCounted`.
        unsafe { Self::from_raw(NonNull::from(object)) }
    }
}

impl<T: AlwaysRefCounted> Drop for ARef<T> {
    fn drop(&mut self) {
        // SAFETY: `dec_ref` requires a counted reference that is given up; the type's invariant
        // says that there is one.
        unsafe { T::dec_ref(self.ptr) };
    }
}

impl<T, U> PartialEq<ARef<U>> for ARef<T>
where
    T: AlwaysRefCounted + PartialEq<U>,
    U: AlwaysRefCounted,
{
    fn eq(&self, other: &ARef<U>) -> bool {
        T::eq(self, other)
    }
}

impl<T: AlwaysRefCounted + Eq> Eq for ARef<T> {}

impl<T, U> PartialEq<&'_ U> for ARef<T>
where
    T: AlwaysRefCounted + PartialEq<U>,
{
    fn eq(&self, other: &&U) -> bool {
        T::eq(self, other)
    }
}

// SAFETY: `Send` requires that the reference may be used on another thread than other references.
// It gives `&T` there (`T: Sync`). It may end the object there (`T: Send`, and the contract of
// `AlwaysRefCounted`).
unsafe impl<T: AlwaysRefCounted + Sync + Send> Send for ARef<T> {}

// SAFETY: `Sync` requires that `&ARef<T>` may be used on other threads. It gives `&T` (`T: Sync`).
// By `clone`, it gives a reference that may end the object there (`T: Send`, and the contract of
// `AlwaysRefCounted`).
unsafe impl<T: AlwaysRefCounted + Sync + Send> Sync for ARef<T> {}

// The object does not move with its references.
impl<T: AlwaysRefCounted> Unpin for ARef<T> {}

#[macros::kunit_tests(lifebound_aref)]
mod tests {
    use super::*;
    use core::cell::Cell;

    /// An object that counts without ever being freed: each test keeps it on its stack longer than
    /// the references.
    #[derive(PartialEq, Eq)]
    struct Object {
        count: Cell<i32>,
        value: u32,
    }

    fn object(value: u32) -> Object {
        Object {
            count: Cell::new(1),
            value,
        }
    }

    // SAFETY: the trait requires values that live as long as they are counted; these live until the
    // end of their test, after all references to them.
    unsafe impl AlwaysRefCounted for Object {
        fn inc_ref(&self) {
            self.count.set(self.count.get() + 1);
        }

        unsafe fn dec_ref(obj: NonNull<Self>) {
            // SAFETY: `as_ref` requires a live value; this function's contract ensures it.
            let count = unsafe { &obj.as_ref().count };
            count.set(count.get() - 1);
        }
    }

    #[test]
    fn counts() {
        let object = object(1);
        let first = ARef::from(&object);
        let second = first.clone();
        assert_eq!(object.count.get(), 3);
        drop(first);
        assert_eq!(second.value, 1);
        drop(second);
        assert_eq!(object.count.get(), 1);
    }

    #[test]
    fn raw_keeps_the_reference() {
        let object = object(1);
        let raw = ARef::into_raw(ARef::from(&object));
        assert_eq!(object.count.get(), 2);
        // SAFETY: `from_raw` requires a counted reference; `into_raw` gave it.
        drop(unsafe { ARef::from_raw(raw) });
        assert_eq!(object.count.get(), 1);
    }

    #[test]
    fn compares_the_objects() {
        let (one, two) = (object(1), object(2));
        let (a, b) = (ARef::from(&one), ARef::from(&two));
        assert!(a != b);
        assert!(a == &one);
        assert!(a == a.clone());
    }
}
