// SPDX-License-Identifier: GPL-2.0

//! A channel of a chip, as the chip's callbacks see it.

use super::{
    chip::{Chip, private_of},
    waveform::{RoundingOutcome, Waveform},
};
use crate::{bindings, prelude::*, types::Opaque};

/// A channel of a chip.
///
/// # Invariants
///
/// PWM-CHANNEL: a reference exists only in a callback of the channel's chip, so the chip's
/// [`Chip`] lives for as long as the reference.
#[repr(transparent)]
#[doc(alias = "pwm_device")]
pub struct Device(Opaque<bindings::pwm_device>);

impl Device {
    /// The channel behind C's pointer.
    ///
    /// # Safety
    ///
    /// `raw` must be a channel of a chip that this module has made. For the lifetime that the
    /// caller picks, C must keep the channel and a callback of the chip must run.
    pub(super) unsafe fn from_raw<'a>(raw: *mut bindings::pwm_device) -> &'a Self {
        // INVARIANT: PWM-CHANNEL: the caller vouches for it.
        // SAFETY: a reference requires a live channel; the type is a transparent wrapper.
        unsafe { &*Opaque::cast_from(raw).cast() }
    }

    fn as_raw(&self) -> *mut bindings::pwm_device {
        self.0.get()
    }

    /// The number of the channel on its chip.
    ///
    /// Context: any context.
    pub fn hwpwm(&self) -> u32 {
        // SAFETY: a field's place requires a live channel: PWM-CHANNEL. C sets it once.
        unsafe { (*self.as_raw()).hwpwm }
    }

    /// The chip of the channel.
    ///
    /// Context: any context.
    ///
    /// # Panics
    ///
    /// If the chip's data is not a `T`.
    pub fn chip<T: Send + Sync + 'static>(&self) -> &Chip<T> {
        // SAFETY: a field's place requires a live channel: PWM-CHANNEL. C sets it once.
        let chip = unsafe { (*self.as_raw()).chip };
        // SAFETY: `private_of` requires a live chip of this module: PWM-CHANNEL.
        let private = unsafe { private_of(chip) };
        // SAFETY: `chip` requires that the `Chip` lives as long as the result: PWM-CHANNEL.
        unsafe { private.chip::<T>() }.expect("the chip has data of this type")
    }

    /// The name that the user of the channel has given, if there is one.
    ///
    /// Context: any context.
    pub fn label(&self) -> Option<&CStr> {
        // SAFETY: a field's place requires a live channel: PWM-CHANNEL. C sets it with the lock
        // held under which it calls `request`, and no other callback runs without a user.
        let label = unsafe { (*self.as_raw()).label };
        // SAFETY: `from_char_ptr` requires a C string that stays: C keeps the label while there is
        // a user.
        (!label.is_null()).then(|| unsafe { CStr::from_char_ptr(label) })
    }

    /// Sets the waveform of the channel. A callback of the chip cannot: C would call it again, with
    /// the chip's lock held.
    ///
    /// # Errors
    ///
    /// Always `EDEADLK`: this crate has no users of channels, only chips.
    #[doc(alias = "pwm_apply_might_sleep")]
    pub fn set_waveform(&self, wf: &Waveform, exact: bool) -> Result {
        let _ = (wf, exact);
        Err(EDEADLK)
    }

    /// Rounds a waveform as the hardware of the channel would. See
    /// [`set_waveform`](Self::set_waveform).
    ///
    /// # Errors
    ///
    /// Always `EDEADLK`.
    pub fn round_waveform(&self, wf: &mut Waveform) -> Result<RoundingOutcome> {
        let _ = wf;
        Err(EDEADLK)
    }

    /// Reads the waveform of the channel. See [`set_waveform`](Self::set_waveform).
    ///
    /// # Errors
    ///
    /// Always `EDEADLK`.
    #[doc(alias = "pwm_get_state")]
    pub fn get_waveform(&self) -> Result<Waveform> {
        Err(EDEADLK)
    }
}
