// SPDX-License-Identifier: GPL-2.0

//! Whether a share of a supply is enabled is part of its type.

#![forbid(unsafe_code)]

use kernel::{
    prelude::*,
    regulator::{Disabled, Enabled, Regulator, Voltage},
};

pub fn turned_off(on: Regulator<Enabled>) -> Result<Regulator<Disabled>> {
    #[cfg(not(reject))]
    let off = on.try_into_disabled()?;
    #[cfg(reject)]
    let off = on.try_into_enabled()?; //~ E0599
    // The enabled share is not there any more.
    #[cfg(reject_2)]
    on.set_voltage(Voltage::from_microvolts(1), Voltage::from_microvolts(2))?; //~2 E0382
    off.set_voltage(Voltage::from_microvolts(1), Voltage::from_microvolts(2))?;
    Ok(off)
}

/// One that is enabled by its owner is on.
#[cfg(not(reject_3))]
type Asked = Regulator<Disabled>;
#[cfg(reject_3)]
type Asked = Regulator<Enabled>;

pub fn is_on(supply: &Asked) -> bool {
    supply.is_enabled() //~3 E0599
}

/// There are no other states.
#[cfg(reject_4)]
pub struct Unknown;
#[cfg(reject_4)]
impl kernel::regulator::RegulatorState for Unknown {
    //~4^ E0277
    const DISABLE_ON_DROP: bool = false;
}
