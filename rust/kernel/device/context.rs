// SPDX-License-Identifier: GPL-2.0

//! The contexts of a device; see [`Device`](super::Device).

use core::marker::PhantomData;

/// The trait of the contexts. Code outside of this crate cannot add a context.
pub trait DeviceContext: private::Sealed {}

/// The device exists. A reference that `ARef` counts may be kept anywhere, and sent to any thread.
pub struct Normal;

/// A driver is bound for as long as the reference lives.
///
/// A driver may keep a `&'bound Device<Bound>` in its data, and use it from other threads. Such a
/// reference cannot be counted, so it cannot outlive the binding.
pub struct Bound;

/// A bus callback (`probe`, `unbind`, ..) is running and the device lock is held.
///
/// `'a` is the lifetime of the callback. The compiler can neither lengthen nor shorten it, and no
/// driver data can name it. So a `Device<Core<'_>>` stays inside its callback.
pub struct Core<'a>(Brand<'a>);

/// [`Core`] for this crate's own use: the state of the binding itself may be changed.
pub struct CoreInternal<'a>(Brand<'a>);

/// [`Bound`] for this crate's own use: the driver's data may be borrowed.
pub struct BoundInternal;

/// A marker that is invariant in `'a`, and neither `Send` nor `Sync`.
type Brand<'a> = PhantomData<(fn(&'a ()) -> &'a (), *mut ())>;

/// The contexts in which the driver's data exists, for this crate's own use.
pub trait InternalBoundContext: DeviceContext {}

impl DeviceContext for Normal {}
impl DeviceContext for Bound {}
impl DeviceContext for BoundInternal {}
impl DeviceContext for Core<'_> {}
impl DeviceContext for CoreInternal<'_> {}

impl InternalBoundContext for BoundInternal {}
impl InternalBoundContext for CoreInternal<'_> {}

mod private {
    pub trait Sealed {}

    impl Sealed for super::Normal {}
    impl Sealed for super::Bound {}
    impl Sealed for super::BoundInternal {}
    impl Sealed for super::Core<'_> {}
    impl Sealed for super::CoreInternal<'_> {}
}
