// SPDX-License-Identifier: GPL-2.0

//! PWM: chips whose channels make pulses of a given width.
//!
//! C header: [`include/linux/pwm.h`](srctree/include/linux/pwm.h)
//!
//! A driver implements [`PwmOps`] for the data of a chip, and registers a [`Chip`] with that data
//! in its `probe`. The end of the binding removes the chip.
//!
//! A driver describes pulses as a [`Waveform`], also on kernels before 6.13, whose C knows only
//! period, duty cycle and polarity. There this module translates.
//!
//! # What ends when
//!
//! The end of the binding removes the chip from C, then waits for callbacks that run, and lets no
//! others in: a user of a channel gets `ENODEV`. The data of the chip is dropped with the last
//! [`ARef`](crate::types::ARef) of the chip, so it is `'static`.

mod chip;
mod device;
mod operations;
mod waveform;

pub use crate::module_pwm_platform_driver;
pub use chip::{Chip, UnregisteredChip};
pub use device::Device;
pub use operations::{PwmOps, PwmOpsVTable, create_pwm_ops};
pub use waveform::{RoundedWaveform, RoundingOutcome, Waveform};

/// Declares a module that registers one platform driver with PWM chips.
///
/// The fields are those of [`module_platform_driver!`](crate::module_platform_driver), without
/// `imports_ns`: the module imports C's symbols for PWM.
#[macro_export]
macro_rules! module_pwm_platform_driver {
    (type: $driver:ty, $($fields:tt)*) => {
        $crate::module_platform_driver! { type: $driver, imports_ns: ["PWM"], $($fields)* }
    };
}
