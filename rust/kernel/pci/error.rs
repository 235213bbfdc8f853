// SPDX-License-Identifier: GPL-2.0

//! Errors on the bus, and resets of a device behind its driver's back.
//!
//! C header: [`include/linux/pci.h`](srctree/include/linux/pci.h) (`struct pci_error_handlers`), explained in
//! [`Documentation/PCI/pci-error-recovery.rst`](srctree/Documentation/PCI/pci-error-recovery.rst)

use core::marker::PhantomData;

use super::device::{Device, Pci};
use crate::{bindings, device::Core, driver, prelude::*};

/// What state the way to the device is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelState {
    /// I/O works.
    Normal,
    /// I/O is blocked, until the link or the slot is reset.
    Frozen,
    /// The device is lost.
    PermanentFailure,
}

impl ChannelState {
    fn from_raw(state: bindings::pci_channel_state_t) -> Self {
        match state {
            1 => Self::Normal,
            2 => Self::Frozen,
            _ => Self::PermanentFailure,
        }
    }
}

/// What a driver thinks of its device after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// It goes on if its registers can be accessed again.
    CanRecover,
    /// The slot has to be reset.
    NeedReset,
    /// It gives up on the device.
    Disconnect,
    /// The device works again.
    Recovered,
}

impl Recovery {
    fn into_raw(self) -> bindings::pci_ers_result_t {
        match self {
            Self::CanRecover => bindings::pci_ers_result_PCI_ERS_RESULT_CAN_RECOVER,
            Self::NeedReset => bindings::pci_ers_result_PCI_ERS_RESULT_NEED_RESET,
            Self::Disconnect => bindings::pci_ers_result_PCI_ERS_RESULT_DISCONNECT,
            Self::Recovered => bindings::pci_ers_result_PCI_ERS_RESULT_RECOVERED,
        }
    }
}

/// What an adapter says about one driver's handling of errors.
pub(super) trait Ops: driver::Ops<Bus = Pci> {
    /// The driver's handlers.
    const ERROR_HANDLERS: Handlers<Self>;
}

type Handler<T, A, R> = for<'bound, 'core, 'd> fn(
    &'bound Device<Core<'core>>,
    Pin<&'d <T as driver::Ops>::Data<'bound>>,
    A,
) -> R;

/// What a driver wants to be called for when an error was found, or its device is reset. All of them are called under
/// the device lock, and may sleep.
///
/// An error goes through `error_detected`, then `mmio_enabled` or `slot_reset` as the drivers below the bridge want
/// it, then `resume`. A driver that lacks the first takes no part. If the recovery fails, `resume` is never called, so
/// no request may wait for it. `reset_done` follows each `reset_prepare`. `drivers/misc/edu/recovery.rs` is an example.
pub struct Handlers<T: driver::Ops<Bus = Pci>> {
    error_detected: Option<Handler<T, ChannelState, Recovery>>,
    mmio_enabled: Option<Handler<T, (), Recovery>>,
    slot_reset: Option<Handler<T, (), Recovery>>,
    resume: Option<Handler<T, (), ()>>,
    reset_prepare: Option<Handler<T, (), ()>>,
    reset_done: Option<Handler<T, (), ()>>,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: ($argument:ty) -> $result:ty;)*) => { $(
        $(#[$doc])*
        pub const fn $name(self, handler: Handler<T, $argument, $result>) -> Self {
            Self { $name: Some(handler), ..self }
        }
    )* };
}

impl<T: driver::Ops<Bus = Pci>> Handlers<T> {
    /// None: errors and resets go unnoticed.
    pub const NONE: Self = Self {
        error_detected: None,
        mmio_enabled: None,
        slot_reset: None,
        resume: None,
        reset_prepare: None,
        reset_done: None,
    };

    setters! {
        /// An error was found. Unless the channel is normal, registers cannot be accessed.
        error_detected: (ChannelState) -> Recovery;
        /// Registers can be accessed again, DMA is still off. The device was not reset.
        mmio_enabled: (()) -> Recovery;
        /// The slot was reset: see [`Device::restore_state`].
        slot_reset: (()) -> Recovery;
        /// All is well: the device may be used as before.
        resume: (()) -> ();
        /// The device is about to be reset by somebody else, such as user space through sysfs. Stop using it.
        reset_prepare: (()) -> ();
        /// It was reset, and its configuration space restored.
        reset_done: (()) -> ();
    }
}

/// The table of a driver's handlers; null if it has none that C looks for.
pub(super) fn table<T: Ops>() -> *const bindings::pci_error_handlers {
    &Table::<T>::RAW
}

struct Table<T>(PhantomData<T>);

/// A C callback that calls the driver's handler, and returns `$none` if the binding has no data.
macro_rules! thunks {
    ($($name:ident($($argument:ident: $raw:ty)?) -> $result:ty, $value:expr, $convert:expr, $none:expr;)*) => { $(
        unsafe extern "C" fn $name(pdev: *mut bindings::pci_dev $(, $argument: $raw)?) -> $result {
            let Some(handler) = T::ERROR_HANDLERS.$name else {
                return $none;
            };
            let device = pdev.wrapping_byte_add(core::mem::offset_of!(bindings::pci_dev, dev)).cast();
            // SAFETY: the PCI core calls this for a device of the driver, under the device lock.
            let called = unsafe {
                driver::with_locked::<T, _>(device, |device, data| handler(device, data, $value))
            };
            called.map_or($none, $convert)
        }
    )* };
}

const NOT_HANDLED: bindings::pci_ers_result_t = bindings::pci_ers_result_PCI_ERS_RESULT_NONE;

#[allow(
    clippy::unused_unit,
    reason = "the macro does not know which callbacks return nothing"
)]
impl<T: Ops> Table<T> {
    const RAW: bindings::pci_error_handlers = {
        // SAFETY: all fields are optional function pointers.
        let mut raw: bindings::pci_error_handlers = unsafe { core::mem::zeroed() };
        // C asks whether there is an `error_detected`; the others answer for themselves.
        if T::ERROR_HANDLERS.error_detected.is_some() {
            raw.error_detected = Some(Self::error_detected);
        }
        raw.mmio_enabled = Some(Self::mmio_enabled);
        raw.slot_reset = Some(Self::slot_reset);
        raw.resume = Some(Self::resume);
        raw.reset_prepare = Some(Self::reset_prepare);
        raw.reset_done = Some(Self::reset_done);
        raw
    };

    thunks! {
        error_detected(state: bindings::pci_channel_state_t) -> bindings::pci_ers_result_t,
            ChannelState::from_raw(state), Recovery::into_raw, NOT_HANDLED;
        mmio_enabled() -> bindings::pci_ers_result_t, (), Recovery::into_raw, NOT_HANDLED;
        slot_reset() -> bindings::pci_ers_result_t, (), Recovery::into_raw, NOT_HANDLED;
        resume() -> (), (), |()| (), ();
        reset_prepare() -> (), (), |()| (), ();
        reset_done() -> (), (), |()| (), ();
    }
}

impl Device<Core<'_>> {
    /// Saves the device's configuration space, for [`restore_state`](Self::restore_state). May sleep.
    ///
    /// # Errors
    ///
    /// `pci_save_state()`'s, such as `ENOMEM`.
    pub fn save_state(&self) -> Result {
        // SAFETY: DEV-LIVE, in a callback of the bus.
        crate::error::to_result(unsafe { bindings::pci_save_state(self.as_raw()) })
    }

    /// Writes back what was saved, by the driver or by the core before it reset the slot. May sleep.
    ///
    /// What was saved is used up, so save it again for the next time.
    pub fn restore_state(&self) {
        // SAFETY: DEV-LIVE, in a callback of the bus.
        unsafe { bindings::pci_restore_state(self.as_raw()) }
    }
}
