// SPDX-License-Identifier: GPL-2.0

//! Making clients, for devices that neither firmware nor a user has described.

use core::ptr::NonNull;

use super::adapter::I2cAdapter;
use crate::{
    bindings, calls,
    device::{Bound, Device},
    device_id::name_field,
    devres::Devres,
    error::from_err_ptr,
    prelude::*,
    sync::aref::ARef,
};

/// What a client is to be: the name of its type, and its address.
#[derive(Clone, Copy)]
pub struct I2cBoardInfo {
    name: [u8; bindings::I2C_NAME_SIZE as usize],
    address: u16,
}

impl I2cBoardInfo {
    /// A device of the type `type_`, 1 to 19 bytes, which is checked while building, at a 7-bit address.
    ///
    /// The address is checked when the client is made: 1 to 0x7f.
    #[inline(always)]
    pub const fn new(type_: &'static CStr, addr: u16) -> Self {
        Self {
            name: name_field(type_),
            address: addr,
        }
    }
}

/// A client that the driver has made on an adapter.
///
/// Its end removes the client. That may have happened before: the adapter's removal ends all its clients, and a user
/// may write the address to the adapter's `delete_device`, as for clients that users make. It keeps no reference to the
/// adapter, so it does not hold the removal up.
///
/// # Invariants
///
/// CLIENT-MADE: the client is one of `lb_i2c_register()`, and is given to `lb_i2c_unregister()` once.
pub struct Registration(NonNull<bindings::lb_i2c_client>);

// SAFETY: the shim may be called from any thread.
unsafe impl Send for Registration {}

// SAFETY: a shared registration gives access to nothing.
unsafe impl Sync for Registration {}

impl Registration {
    /// Gives the initialiser that makes a client on `i2c_adapter`, until `parent_dev` is unbound or the value dropped.
    /// May sleep, and probes the client if a driver for it is there.
    ///
    /// The client is gone when the end has returned, except if somebody writes to the adapter's `delete_device` at the
    /// same time: then it goes right after that (the parent may be what is being deleted).
    ///
    /// # Errors
    ///
    /// `EINVAL` for an impossible address, `EBUSY` for one that is taken, or while `delete_device`
    /// is written to; `EDEADLK` in the `open` of a misc device; `ENODEV` if the adapter is being
    /// removed; `ENOMEM`; `EPERM` if no driver of this module has bound `parent_dev`. The client is
    /// not there then, or no longer, or about to go.
    pub fn new<'a>(
        i2c_adapter: &I2cAdapter,
        i2c_board_info: &I2cBoardInfo,
        parent_dev: &'a Device<Bound>,
    ) -> impl PinInit<Devres<Self>, Error> + use<'a> {
        let adapter: ARef<I2cAdapter> = i2c_adapter.into();
        let info = *i2c_board_info;
        pin_init::pin_init_scope(move || {
            let registration = Self::make(&adapter, &info)?;
            Devres::new::<Error>(parent_dev, registration)
        })
    }

    fn make(adapter: &I2cAdapter, info: &I2cBoardInfo) -> Result<Self> {
        // It may probe a driver that makes a node.
        calls::not_in_misc_open()?;
        let info = bindings::i2c_board_info {
            type_: info.name,
            addr: info.address,
            ..Default::default()
        };
        // SAFETY: DEV-LIVE; the description is only read, until the call returns.
        let client = unsafe { bindings::lb_i2c_register(adapter.as_raw(), &info) };
        // INVARIANT: CLIENT-MADE: `Drop` gives it back.
        NonNull::new(from_err_ptr(client)?).map(Self).ok_or(ENOMEM)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: CLIENT-MADE.
        unsafe { bindings::lb_i2c_unregister(self.0.as_ptr()) }
    }
}
