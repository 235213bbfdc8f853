// SPDX-License-Identifier: GPL-2.0

//! Errors on the bus, and resets of a device that its driver did not ask for.
//!
//! C header: [`include/linux/pci.h`](srctree/include/linux/pci.h) (`struct pci_error_handlers`),
//! explained in
//! [`Documentation/PCI/pci-error-recovery.rst`](srctree/Documentation/PCI/pci-error-recovery.rst)

use core::marker::PhantomData;

use super::device::{Device, Pci};
use crate::{bindings, device::Core, driver, prelude::*};

/// The state of the path to the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelState {
    /// I/O works.
    Normal,
    /// I/O is blocked, until the link or the slot is reset.
    Frozen,
    /// The device is lost for good.
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

/// A driver's judgement of its device after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// The driver can go on if the device's registers can be accessed again.
    CanRecover,
    /// The slot has to be reset.
    NeedReset,
    /// The driver gives up on the device.
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

/// The description of one driver's error handling by its adapter.
pub(super) trait Ops: driver::Ops<Bus = Pci> {
    /// The driver's handlers.
    const ERROR_HANDLERS: Handlers<Self>;
}

type Handler<T, A, R> = for<'bound, 'core, 'd> fn(
    &'bound Device<Core<'core>>,
    Pin<&'d <T as driver::Ops>::Data<'bound>>,
    A,
) -> R;

/// A driver's callbacks for errors on the bus, and for resets of its device.
///
/// Context: process context; may sleep. C holds the device lock during each callback.
///
/// An error goes through these steps:
///
/// 1. `error_detected`. A driver that lacks this callback takes no part in the recovery.
/// 2. `mmio_enabled` or `slot_reset`, as the drivers below the bridge ask for it.
/// 3. `resume`, but only if the recovery succeeded. So no request may wait for `resume`.
///
/// `reset_done` follows each `reset_prepare`. `drivers/misc/edu/recovery.rs` is an example.
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
    /// No callbacks: the driver notices neither errors nor resets.
    pub const NONE: Self = Self {
        error_detected: None,
        mmio_enabled: None,
        slot_reset: None,
        resume: None,
        reset_prepare: None,
        reset_done: None,
    };

    setters! {
        /// Sets the callback for an error. Registers cannot be accessed unless the channel is
        /// normal.
        error_detected: (ChannelState) -> Recovery;
        /// Sets the callback for working registers: they can be accessed again, while DMA is still
        /// off. The device was not reset.
        mmio_enabled: (()) -> Recovery;
        /// Sets the callback for a slot that was reset: see [`Device::restore_state`].
        slot_reset: (()) -> Recovery;
        /// Sets the callback for the end of a recovery: the device may be used as before.
        resume: (()) -> ();
        /// Sets the callback before a reset by others, such as user space through sysfs. The driver
        /// stops using the device.
        reset_prepare: (()) -> ();
        /// Sets the callback after such a reset. The PCI core has restored the configuration space.
        reset_done: (()) -> ();
    }
}

/// The table of a driver's handlers for C.
pub(super) fn table<T: Ops>() -> *const bindings::pci_error_handlers {
    &Table::<T>::RAW
}

struct Table<T>(PhantomData<T>);

/// Makes C callbacks, each of which calls the driver's handler of its name.
///
/// Each line has these parts, in this order:
///
/// 1. the callback's name, and its C argument, if it has one;
/// 2. the callback's C result;
/// 3. the handler's argument;
/// 4. the conversion of the handler's result;
/// 5. the C result if there is no handler, or if the binding has no data.
macro_rules! thunks {
    ($($name:ident($($argument:ident: $raw:ty)?) -> $result:ty, $value:expr, $convert:expr, $none:expr;)*) => { $(
        unsafe extern "C" fn $name(pdev: *mut bindings::pci_dev $(, $argument: $raw)?) -> $result {
            let Some(handler) = T::ERROR_HANDLERS.$name else {
                return $none;
            };
            let device = pdev.wrapping_byte_add(core::mem::offset_of!(bindings::pci_dev, dev)).cast();
            // SAFETY: `with_locked` requires a device of `T`, in a callback under the device lock;
            // the PCI core calls this for a device of the driver, under that lock.
            let called = unsafe {
                driver::with_locked::<T, _>(device, |device, data| handler(device, data, $value))
            };
            called.map_or($none, $convert)
        }
    )* };
}

const NOT_HANDLED: bindings::pci_ers_result_t = bindings::pci_ers_result_PCI_ERS_RESULT_NONE;

#[expect(
    clippy::unused_unit,
    reason = "the macro does not know which callbacks return nothing"
)]
impl<T: Ops> Table<T> {
    const RAW: bindings::pci_error_handlers = {
        // SAFETY: `zeroed` requires a type for which all bytes zero are valid; all fields are
        // optional function pointers.
        let mut raw: bindings::pci_error_handlers = unsafe { core::mem::zeroed() };
        // C tests whether there is an `error_detected`. The other callbacks may always be set, and
        // do nothing without a handler.
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
    /// Saves the device's configuration space, for [`restore_state`](Self::restore_state).
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// Errors of `pci_save_state()`, such as `ENOMEM`.
    #[doc(alias = "pci_save_state")]
    pub fn save_state(&self) -> Result {
        // SAFETY: C requires a live device, in a callback of the bus; DEV-LIVE gives the device,
        // and `Core` exists only in callbacks.
        crate::error::to_result(unsafe { bindings::pci_save_state(self.as_raw()) })
    }

    /// Writes back the saved configuration space. The driver saved it, or the core did before it
    /// reset the slot.
    ///
    /// Context: process context; may sleep.
    ///
    /// This uses up the saved state, so the driver saves it again for the next time.
    #[doc(alias = "pci_restore_state")]
    pub fn restore_state(&self) {
        // SAFETY: C requires a live device, in a callback of the bus; DEV-LIVE gives the device,
        // and `Core` exists only in callbacks.
        unsafe { bindings::pci_restore_state(self.as_raw()) }
    }
}
