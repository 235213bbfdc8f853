// SPDX-License-Identifier: GPL-2.0

//! Clients that a driver makes, for devices that neither firmware nor a user has described.

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

/// The description of a client to be made: the name of its type, and its address.
#[derive(Clone, Copy)]
pub struct I2cBoardInfo {
    name: [u8; bindings::I2C_NAME_SIZE as usize],
    address: u16,
}

impl I2cBoardInfo {
    /// Describes a device of the type `type_` at a 7-bit address. The name has 1 to 19 bytes, which
    /// the build checks.
    ///
    /// [`Registration::new`] checks the address, which has to be 1 to 0x7f.
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
/// Dropping this removes the client. The client may be gone before, for two reasons:
///
/// - The adapter's removal removes all its clients. A registration keeps no reference to the
///   adapter, so it does not delay that.
/// - A user may write the address to the adapter's `delete_device`, as for clients that users make.
///
/// # Invariants
///
/// CLIENT-MADE: `lb_i2c_register()` made the client, and `lb_i2c_unregister()` is called for it
/// once.
pub struct Registration(NonNull<bindings::lb_i2c_client>);

// SAFETY: `Send` requires that any thread may drop the value; the shim that `drop` calls may be
// called from any thread.
unsafe impl Send for Registration {}

// SAFETY: `Sync` requires that threads may share the value; a shared registration gives access to
// nothing.
unsafe impl Sync for Registration {}

impl Registration {
    /// Returns an initialiser, which makes a client on `i2c_adapter`. The client stays until
    /// `parent_dev` is unbound or the value is dropped. If there is a driver for the client, it is
    /// probed at once.
    ///
    /// Context: process context; may sleep.
    ///
    /// The client is gone when the drop has returned. There is one exception: if a user writes to
    /// the adapter's `delete_device` at the same time, the client goes right after that write. The
    /// reason is that the user may be deleting the parent.
    ///
    /// # Errors
    ///
    /// The client is not there then, or no longer there, or about to go.
    ///
    /// - `EINVAL`: the address is impossible.
    /// - `EBUSY`: the address is taken, or a user writes to `delete_device`.
    /// - `EDEADLK`: this is called in the `open` of a misc device.
    /// - `ENODEV`: the adapter is being removed.
    /// - `ENOMEM`.
    /// - `EPERM`: no driver of this module has bound `parent_dev`.
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
        // Making the client may probe a driver that makes a node.
        calls::not_in_misc_open()?;
        let info = bindings::i2c_board_info {
            type_: info.name,
            addr: info.address,
            ..Default::default()
        };
        // SAFETY: `lb_i2c_register` requires a live adapter, and a description that lives until the
        // call returns; DEV-LIVE gives the first, and `info` is a local.
        let client = unsafe { bindings::lb_i2c_register(adapter.as_raw(), &info) };
        // INVARIANT: CLIENT-MADE: `lb_i2c_register()` made the client; only `drop` calls
        // `lb_i2c_unregister()`.
        NonNull::new(from_err_ptr(client)?).map(Self).ok_or(ENOMEM)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: `lb_i2c_unregister` requires a client of `lb_i2c_register()`, once: CLIENT-MADE.
        unsafe { bindings::lb_i2c_unregister(self.0.as_ptr()) }
    }
}
