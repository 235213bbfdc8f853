// SPDX-License-Identifier: GPL-2.0

//! What is known about a device; see [`Device`](super::Device).

use core::marker::PhantomData;

/// Marks the contexts. Nothing outside of this crate can add one.
pub trait DeviceContext: private::Sealed {}

/// The device exists. References to it may be kept and sent anywhere, counted by `ARef`.
pub struct Normal;

/// A driver is bound for as long as the reference lives.
///
/// `&'bound Device<Bound>` may be kept in the driver's data and used from other threads; it cannot be counted, so it
/// cannot outlive the binding.
pub struct Bound;

/// A bus callback (`probe`, `unbind`, ..) is running and the device lock is held.
///
/// `'a` is the callback's. The compiler can neither lengthen nor shorten it, and no driver data can name it, so a
/// `Device<Core<'_>>` stays inside its callback.
pub struct Core<'a>(Brand<'a>);

/// [`Core`], for this crate: the state that belongs to the binding itself may be changed.
pub struct CoreInternal<'a>(Brand<'a>);

/// [`Bound`], for this crate: the driver's data may be borrowed.
pub struct BoundInternal;

/// Invariant in `'a`, and bound to one thread.
type Brand<'a> = PhantomData<(fn(&'a ()) -> &'a (), *mut ())>;

/// Contexts in which the driver's data exists. For this crate's own use.
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
