// SPDX-License-Identifier: GPL-2.0

//! An endpoint ends with its interface, and supports the operations of its type and direction.

#![forbid(unsafe_code)]

use kernel::{device::Bound, prelude::*, time::Delta, usb};

pub type From<'a> = usb::Endpoint<'a, usb::Bulk, usb::In>;
pub type To<'a> = usb::Endpoint<'a, usb::Bulk, usb::Out>;

#[cfg(not(reject))]
pub fn endpoint(interface: &usb::Interface<Bound>) -> Result<From<'_>> {
    interface.endpoint()
}

#[cfg(reject)]
pub fn endpoint(interface: &usb::Interface<Bound>) -> Result<From<'static>> {
    interface.endpoint() //~ lifetime may not live long enough
}

// Any thread may use the endpoint, for as long.
pub fn shared(endpoint: From<'_>) {
    fn fit_for_threads<T: Send + Sync>(_: T) {}
    fit_for_threads(endpoint)
}

pub fn read(from: &From<'_>, buffer: &mut [u8]) -> Result<usize> {
    #[cfg(reject_2)]
    from.write(buffer, Delta::from_secs(1))?; //~2 E0599
    from.read(buffer, Delta::from_secs(1))
}

pub fn write(to: &To<'_>, data: &mut [u8]) -> Result<usize> {
    #[cfg(reject_3)]
    to.read(data, Delta::from_secs(1))?; //~3 E0599
    to.write(data, Delta::from_secs(1))
}

// A time has a unit.
pub fn flush(to: &To<'_>) -> Result<usize> {
    #[cfg(reject_4)]
    to.write(&[], 1000)?; //~4 E0308
    to.write(&[], Delta::from_millis(1000))
}

// An interface that is only known to exist may be gone, so it has no transfers.
#[cfg(not(reject_5))]
pub fn look_up(interface: &usb::Interface<Bound>) -> Result<usb::EndpointInfo> {
    let endpoint = interface.endpoint::<usb::Interrupt, usb::In>()?;
    Ok(*endpoint.info())
}

#[cfg(reject_5)]
pub fn look_up(interface: &usb::Interface) -> Result<usb::EndpointInfo> {
    let endpoint = interface.endpoint::<usb::Interrupt, usb::In>()?; //~5 E0599
    Ok(*endpoint.info())
}

#[cfg(reject_6)]
pub enum Isochronous {}

#[cfg(reject_6)]
impl usb::EndpointType for Isochronous {
    //~6^ E0277
    const TYPE: usb::TransferType = usb::TransferType::Isochronous;
}
