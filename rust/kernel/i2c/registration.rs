// SPDX-License-Identifier: GPL-2.0

//! Clients that a driver makes, for devices that neither firmware nor a user has described.

use core::{pin::Pin, ptr::NonNull};

use super::adapter::I2cAdapter;
use crate::{
    bindings, calls,
    device::{Bound, Device},
    device_id::name_field,
    devres::Devres,
    error::to_result,
    module_scope::{self, LeftWork, Work},
    prelude::*,
    sync::aref::ARef,
};

/// The description of a client to be made: the name of its type, and its address.
#[derive(Clone, Copy)]
#[doc(alias = "I2C_BOARD_INFO")]
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
/// The option is `Some` until the registration is dropped.
#[doc(alias(
    "i2c_new_client_device",
    "i2c_unregister_device",
    "devm_i2c_new_dummy_device"
))]
pub struct Registration(Option<Pin<KBox<LeftWork<Client>>>>);

/// A client, as C's part of this knows it (`rust/machines/i2c_client.c`).
///
/// # Invariants
///
/// CLIENT-MADE: the client is one of `lb_i2c_alloc()`, and is given to `lb_i2c_free()` once.
struct Client(NonNull<bindings::lb_i2c_client>);

// SAFETY: `Send` requires that any thread may own the value: the functions of
// `rust/machines/i2c_client.c` may be called on any thread.
unsafe impl Send for Client {}

// SAFETY: `Sync` requires that threads may share the value: a shared client gives access to
// nothing.
unsafe impl Sync for Client {}

impl Client {
    /// Makes the memory for a client.
    ///
    /// Context: process context; may sleep.
    fn new(adapter: &I2cAdapter) -> Result<Self> {
        // SAFETY: `lb_i2c_alloc()` requires a live adapter: DEV-LIVE.
        let client = unsafe { bindings::lb_i2c_alloc(adapter.as_raw()) };
        // INVARIANT: CLIENT-MADE: `Drop` gives it back.
        NonNull::new(client).map(Self).ok_or(ENOMEM)
    }

    /// Makes the client on the adapter, which must be the adapter for which the memory was made.
    fn register(&mut self, adapter: &I2cAdapter, info: &bindings::i2c_board_info) -> Result {
        let _ = adapter;
        // SAFETY: `lb_i2c_register()` requires (1) a client of `lb_i2c_alloc()`, (2) a live
        // adapter, (3) a description, which it reads until it returns. (1) CLIENT-MADE. (2) The
        // caller borrows it. (3) `info` is borrowed.
        to_result(unsafe { bindings::lb_i2c_register(self.0.as_ptr(), info) })
    }

    /// Ends the client. Returns `false` if the end must be left to [`Work::run`].
    fn try_end(&mut self) -> bool {
        // SAFETY: `lb_i2c_try_unregister()` requires a client that was registered: only a
        // `Registration` ends one.
        unsafe { bindings::lb_i2c_try_unregister(self.0.as_ptr()) }
    }
}

impl Work for Client {
    fn run(&mut self) {
        // SAFETY: `lb_i2c_unregister_later()` requires that `try_end` has returned `false`, and one
        // call: only the drop of a registration leaves a client, and only in that case.
        unsafe { bindings::lb_i2c_unregister_later(self.0.as_ptr()) }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // SAFETY: `lb_i2c_free()` requires a client of `lb_i2c_alloc()`, and one call: CLIENT-MADE.
        unsafe { bindings::lb_i2c_free(self.0.as_ptr()) }
    }
}

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
            Devres::new(parent_dev, registration)
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
        // An end needs no memory: its memory is made before there is a client to end.
        let mut work = LeftWork::new(Client::new(adapter)?)?;
        work.as_mut().value().register(adapter, &info)?;
        Ok(Self(Some(work)))
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        module_scope::reap();
        if let Some(mut work) = self.0.take()
            && !work.as_mut().value().try_end()
        {
            LeftWork::leave(work);
        }
    }
}
