// SPDX-License-Identifier: GPL-2.0

//! The callbacks of a chip.

use core::marker::PhantomData;

use super::{
    chip::{Chip, UnregisteredChip, with_chip},
    device::Device,
    waveform::{RoundedWaveform, Waveform},
};
use crate::{
    bindings,
    device::{self, Bound},
    error::from_result,
    ffi::c_int,
    prelude::*,
    types::optional_vtable,
};

/// The data of a chip, and how its channels are driven.
///
/// Context of all methods: process context; may sleep. The provided methods that concern waveforms
/// return `ENOTSUPP`.
///
/// `#[vtable]` may stand above an implementation, and changes nothing.
#[doc(alias = "pwm_ops")]
pub trait PwmOps: 'static + Send + Sync + Sized {
    /// What the hardware is told for a waveform, of at most 20 bytes.
    type WfHw: Copy + Default;

    /// Called when somebody wants to use a channel.
    ///
    /// # Errors
    ///
    /// The user gets the error, and has no channel.
    fn request(chip: &Chip<Self>, pwm: &Device, parent_dev: &device::Device<Bound>) -> Result {
        let _ = (chip, pwm, parent_dev);
        Ok(())
    }

    /// Finds what the hardware is told for a waveform: the largest values that are not above those
    /// that are asked for, the period first. If the hardware has no such period, it is the smallest
    /// that there is, and the status is 1. Accesses no hardware.
    ///
    /// # Errors
    ///
    /// The user gets the error.
    fn round_waveform_tohw(
        chip: &Chip<Self>,
        pwm: &Device,
        wf: &Waveform,
    ) -> Result<RoundedWaveform<Self::WfHw>> {
        let _ = (chip, pwm, wf);
        Err(ENOTSUPP)
    }

    /// Writes to `wf` the waveform that the hardware makes of `wfhw`. Accesses no hardware.
    ///
    /// # Errors
    ///
    /// The user gets the error.
    fn round_waveform_fromhw(
        chip: &Chip<Self>,
        pwm: &Device,
        wfhw: &Self::WfHw,
        wf: &mut Waveform,
    ) -> Result {
        let _ = (chip, pwm, wfhw, wf);
        Err(ENOTSUPP)
    }

    /// Reads what the hardware was told.
    ///
    /// # Errors
    ///
    /// The user gets the error.
    fn read_waveform(
        chip: &Chip<Self>,
        pwm: &Device,
        parent_dev: &device::Device<Bound>,
    ) -> Result<Self::WfHw> {
        let _ = (chip, pwm, parent_dev);
        Err(ENOTSUPP)
    }

    /// Tells the hardware.
    ///
    /// # Errors
    ///
    /// The user gets the error.
    fn write_waveform(
        chip: &Chip<Self>,
        pwm: &Device,
        wfhw: &Self::WfHw,
        parent_dev: &device::Device<Bound>,
    ) -> Result {
        let _ = (chip, pwm, wfhw, parent_dev);
        Err(ENOTSUPP)
    }

    optional_vtable!(
        HAS_REQUEST
        HAS_ROUND_WAVEFORM_TOHW
        HAS_ROUND_WAVEFORM_FROMHW
        HAS_READ_WAVEFORM
        HAS_WRITE_WAVEFORM
    );
}

/// C's table of a chip's callbacks.
#[derive(Clone, Copy)]
pub struct PwmOpsVTable(&'static bindings::pwm_ops);

/// The table of the callbacks of `T`. [`Chip::new`] uses it; a driver need not.
pub const fn create_pwm_ops<T: PwmOps>() -> PwmOpsVTable {
    PwmOpsVTable(Callbacks::<T>::TABLE)
}

/// The size of C's buffer for what the hardware is told, in bytes (`PWM_WFHWSIZE`).
const WFHW_SIZE: usize = 20;

/// The functions that C calls for chips with a `T`.
struct Callbacks<T>(PhantomData<T>);

// Each function has the same requirements: `chip` is a chip that `Chip::<T>::new` has made, `pwm`
// is one of its channels, C keeps both during the call, and the other pointers are valid for the
// type that is named.
impl<T: PwmOps> Callbacks<T> {
    const TABLE: &'static bindings::pwm_ops = {
        assert!(
            size_of::<T::WfHw>() <= WFHW_SIZE,
            "`WfHw` is larger than C's buffer"
        );
        &bindings::pwm_ops {
            request: Some(Self::request),
            ..Self::WAVEFORM
        }
    };

    /// # Safety
    ///
    /// The requirements of the `impl` apply.
    unsafe extern "C" fn request(
        chip: *mut bindings::pwm_chip,
        pwm: *mut bindings::pwm_device,
    ) -> c_int {
        from_result(|| {
            // SAFETY: `with` requires a chip of this type and its channel: so does this function.
            unsafe { Self::with(chip, pwm, |chip, pwm, parent| T::request(chip, pwm, parent)) }?;
            Ok(0)
        })
    }
}

impl<T: PwmOps> Callbacks<T> {
    /// Calls `f` with a chip, its channel and its parent. The chip's end waits for `f`.
    ///
    /// # Errors
    ///
    /// Those of [`with_chip`] and `f`.
    ///
    /// # Safety
    ///
    /// The requirements of the `impl` above apply.
    unsafe fn with<R>(
        chip: *mut bindings::pwm_chip,
        channel: *mut bindings::pwm_device,
        f: impl FnOnce(&Chip<T>, &Device, &device::Device<Bound>) -> Result<R>,
    ) -> Result<R> {
        let f = |chip: &Chip<T>, parent: &device::Device<Bound>| {
            // SAFETY: `from_raw` requires a channel of a chip whose callback runs while `f` has it:
            // the caller vouches for it.
            f(chip, unsafe { Device::from_raw(channel) }, parent)
        };
        // SAFETY: `with_chip` requires a chip of this type: the caller vouches for it.
        unsafe { with_chip(chip, f) }
    }
}

impl<T: PwmOps> Chip<T> {
    /// Makes a chip of `parent_dev` with this many channels.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - `EINVAL` for a chip without channels.
    /// - `ENOMEM`, and the error of `data`.
    #[doc(alias("pwmchip_alloc", "devm_pwmchip_alloc"))]
    #[expect(clippy::new_ret_no_self, reason = "Linux's own crate has this name")]
    pub fn new<'a>(
        parent_dev: &'a device::Device<Bound>,
        num_channels: u32,
        data: impl PinInit<T, Error>,
    ) -> Result<UnregisteredChip<'a, T>> {
        let operations = create_pwm_ops::<T>().0;
        // SAFETY: `make` requires operations of chips with a `T`: the table is that of `T`.
        unsafe { Self::make(parent_dev, num_channels, data, operations) }
    }
}

#[cfg(lifebound_pwm_waveform)]
impl<T: PwmOps> Callbacks<T> {
    const WAVEFORM: bindings::pwm_ops = bindings::pwm_ops {
        sizeof_wfhw: size_of::<T::WfHw>(),
        round_waveform_tohw: Some(Self::round_waveform_tohw),
        round_waveform_fromhw: Some(Self::round_waveform_fromhw),
        read_waveform: Some(Self::read_waveform),
        write_waveform: Some(Self::write_waveform),
        // SAFETY: `zeroed` requires a type of which zeroes are a value: the fields are functions
        // that may be null, and a number.
        ..unsafe { core::mem::zeroed() }
    };

    /// # Safety
    ///
    /// The requirements of the `impl` apply; `wfhw` has room for a `WfHw`, unaligned.
    unsafe extern "C" fn round_waveform_tohw(
        chip: *mut bindings::pwm_chip,
        pwm: *mut bindings::pwm_device,
        wf: *const bindings::pwm_waveform,
        wfhw: *mut crate::ffi::c_void,
    ) -> c_int {
        // SAFETY: a reference requires a waveform that nobody changes: the caller vouches for it.
        let wf = Waveform::from_c(unsafe { &*wf });
        from_result(|| {
            // SAFETY: `with` requires a chip of this type and its channel: so does this function.
            let rounded = unsafe {
                Self::with(chip, pwm, |chip, pwm, _| {
                    T::round_waveform_tohw(chip, pwm, &wf)
                })
            }?;
            // SAFETY: `write_unaligned` requires room: the caller vouches for it.
            unsafe {
                wfhw.cast::<T::WfHw>()
                    .write_unaligned(rounded.hardware_waveform)
            };
            Ok(c_int::from(rounded.status != 0))
        })
    }

    /// # Safety
    ///
    /// The requirements of the `impl` apply; `wfhw` points to a `WfHw`, unaligned.
    unsafe extern "C" fn round_waveform_fromhw(
        chip: *mut bindings::pwm_chip,
        pwm: *mut bindings::pwm_device,
        wfhw: *const crate::ffi::c_void,
        wf: *mut bindings::pwm_waveform,
    ) -> c_int {
        // SAFETY: `read_unaligned` requires a `WfHw`, which is `Copy`: the caller vouches for it.
        let wfhw = unsafe { wfhw.cast::<T::WfHw>().read_unaligned() };
        from_result(|| {
            let mut waveform = Waveform::default();
            // SAFETY: `with` requires a chip of this type and its channel: so does this function.
            unsafe {
                Self::with(chip, pwm, |chip, pwm, _| {
                    T::round_waveform_fromhw(chip, pwm, &wfhw, &mut waveform)
                })
            }?;
            // SAFETY: `write` requires room: the caller vouches for it.
            unsafe { wf.write(waveform.into_c()) };
            Ok(0)
        })
    }

    /// # Safety
    ///
    /// The requirements of the `impl` apply; `wfhw` has room for a `WfHw`, unaligned.
    unsafe extern "C" fn read_waveform(
        chip: *mut bindings::pwm_chip,
        pwm: *mut bindings::pwm_device,
        wfhw: *mut crate::ffi::c_void,
    ) -> c_int {
        from_result(|| {
            // SAFETY: `with` requires a chip of this type and its channel: so does this function.
            let read = unsafe {
                Self::with(chip, pwm, |chip, pwm, parent| {
                    T::read_waveform(chip, pwm, parent)
                })
            }?;
            // SAFETY: `write_unaligned` requires room: the caller vouches for it.
            unsafe { wfhw.cast::<T::WfHw>().write_unaligned(read) };
            Ok(0)
        })
    }

    /// # Safety
    ///
    /// The requirements of the `impl` apply; `wfhw` points to a `WfHw`, unaligned.
    unsafe extern "C" fn write_waveform(
        chip: *mut bindings::pwm_chip,
        pwm: *mut bindings::pwm_device,
        wfhw: *const crate::ffi::c_void,
    ) -> c_int {
        // SAFETY: `read_unaligned` requires a `WfHw`, which is `Copy`: the caller vouches for it.
        let wfhw = unsafe { wfhw.cast::<T::WfHw>().read_unaligned() };
        from_result(|| {
            // SAFETY: `with` requires a chip of this type and its channel: so does this function.
            unsafe {
                Self::with(chip, pwm, |chip, pwm, parent| {
                    T::write_waveform(chip, pwm, &wfhw, parent)
                })
            }?;
            Ok(0)
        })
    }
}

#[cfg(lifebound_pwm_waveform)]
impl Waveform {
    fn from_c(wf: &bindings::pwm_waveform) -> Self {
        Self {
            period_length_ns: wf.period_length_ns,
            duty_length_ns: wf.duty_length_ns,
            duty_offset_ns: wf.duty_offset_ns,
        }
    }

    fn into_c(self) -> bindings::pwm_waveform {
        bindings::pwm_waveform {
            period_length_ns: self.period_length_ns,
            duty_length_ns: self.duty_length_ns,
            duty_offset_ns: self.duty_offset_ns,
        }
    }
}

#[cfg(not(lifebound_pwm_waveform))]
impl<T: PwmOps> Callbacks<T> {
    const WAVEFORM: bindings::pwm_ops = bindings::pwm_ops {
        apply: Some(Self::apply),
        get_state: Some(Self::get_state),
        // SAFETY: `zeroed` requires a type of which zeroes are a value: the fields are functions
        // that may be null.
        ..unsafe { core::mem::zeroed() }
    };

    /// # Safety
    ///
    /// The requirements of the `impl` apply.
    unsafe extern "C" fn apply(
        chip: *mut bindings::pwm_chip,
        pwm: *mut bindings::pwm_device,
        state: *const bindings::pwm_state,
    ) -> c_int {
        // SAFETY: a reference requires a state that nobody changes: the caller vouches for it.
        let wf = Waveform::from_state(unsafe { &*state });
        from_result(|| {
            // SAFETY: `with` requires a chip of this type and its channel: so does this function.
            unsafe {
                Self::with(chip, pwm, |chip, pwm, parent| {
                    let rounded = T::round_waveform_tohw(chip, pwm, &wf)?;
                    if rounded.status != 0 {
                        return Err(ERANGE);
                    }
                    T::write_waveform(chip, pwm, &rounded.hardware_waveform, parent)
                })
            }?;
            Ok(0)
        })
    }

    /// # Safety
    ///
    /// The requirements of the `impl` apply.
    unsafe extern "C" fn get_state(
        chip: *mut bindings::pwm_chip,
        pwm: *mut bindings::pwm_device,
        state: *mut bindings::pwm_state,
    ) -> c_int {
        from_result(|| {
            let mut waveform = Waveform::default();
            // SAFETY: `with` requires a chip of this type and its channel: so does this function.
            unsafe {
                Self::with(chip, pwm, |chip, pwm, parent| {
                    let read = T::read_waveform(chip, pwm, parent)?;
                    T::round_waveform_fromhw(chip, pwm, &read, &mut waveform)
                })
            }?;
            // SAFETY: a reference requires a state that nobody else uses: the caller vouches for
            // it.
            waveform.to_state(unsafe { &mut *state });
            Ok(0)
        })
    }
}
