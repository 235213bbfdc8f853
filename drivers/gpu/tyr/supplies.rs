// SPDX-License-Identifier: GPL-2.0

//! The supplies and clocks of the GPU. They are taken in one order, and given back in the reverse
//! order, whatever happens.

use kernel::{
    clk::{Clk, OptionalClk},
    device::{Bound, Device},
    prelude::*,
    regulator::{Disabled, Enabled, Regulator},
};

/// A supply that is on, or off.
enum State {
    On(Regulator<Enabled>),
    Off(Regulator<Disabled>),
}

/// A supply of the GPU. It has no state while the state changes.
struct Supply(Option<State>);

impl Supply {
    /// Gets the supply, and turns it on.
    fn new(dev: &Device<Bound>, name: &CStr) -> Result<Self> {
        let on = Regulator::<Enabled>::get(dev, name)?;
        Ok(Self(Some(State::On(on))))
    }

    fn on(&mut self) -> Result {
        let (state, result) = match self.0.take() {
            Some(State::Off(off)) => match off.try_into_enabled() {
                Ok(on) => (Some(State::On(on)), Ok(())),
                Err(failed) => (Some(State::Off(failed.regulator)), Err(failed.error)),
            },
            state => (state, Ok(())),
        };
        self.0 = state;
        result
    }

    fn off(&mut self) -> Result {
        let (state, result) = match self.0.take() {
            Some(State::On(on)) => match on.try_into_disabled() {
                Ok(off) => (Some(State::Off(off)), Ok(())),
                Err(failed) => (Some(State::On(failed.regulator)), Err(failed.error)),
            },
            state => (state, Ok(())),
        };
        self.0 = state;
        result
    }
}

/// All that the GPU needs to run.
///
/// Fields are dropped in the order in which they stand here: the reverse of that in which they are
/// taken.
pub(crate) struct Supplies {
    coregroup: OptionalClk,
    stacks: OptionalClk,
    core: Clk,
    sram: Supply,
    mali: Supply,
}

/// The number of things that are taken.
const STEPS: usize = 5;

impl Supplies {
    /// Gets all supplies and clocks, and turns them on. If one fails, those before it are dropped.
    pub(crate) fn new(dev: &Device<Bound>) -> Result<Self> {
        let mali = Supply::new(dev, c"mali")?;
        let sram = Supply::new(dev, c"sram")?;
        let core = Clk::get(dev, Some(c"core"))?;
        core.prepare_enable()?;
        let stacks = OptionalClk::get(dev, Some(c"stacks"))?;
        stacks.prepare_enable()?;
        let coregroup = OptionalClk::get(dev, Some(c"coregroup"))?;
        coregroup.prepare_enable()?;
        Ok(Self {
            coregroup,
            stacks,
            core,
            sram,
            mali,
        })
    }

    /// Turns all on again. If one fails, those before it are turned off.
    pub(crate) fn on(&mut self) -> Result {
        for step in 0..STEPS {
            if let Err(error) = self.take(step) {
                for step in (0..step).rev() {
                    // There is nothing else to undo it with. What has failed has said so.
                    let _ = self.give(step);
                }
                return Err(error);
            }
        }
        Ok(())
    }

    /// Turns all off. If one fails, those before it are turned on.
    pub(crate) fn off(&mut self) -> Result {
        for step in (0..STEPS).rev() {
            if let Err(error) = self.give(step) {
                for step in step + 1..STEPS {
                    let _ = self.take(step);
                }
                return Err(error);
            }
        }
        Ok(())
    }

    fn take(&mut self, step: usize) -> Result {
        match step {
            0 => self.mali.on(),
            1 => self.sram.on(),
            2 => self.core.prepare_enable(),
            3 => self.stacks.prepare_enable(),
            _ => self.coregroup.prepare_enable(),
        }
    }

    fn give(&mut self, step: usize) -> Result {
        match step {
            0 => return self.mali.off(),
            1 => return self.sram.off(),
            2 => self.core.disable_unprepare(),
            3 => self.stacks.disable_unprepare(),
            _ => self.coregroup.disable_unprepare(),
        }
        Ok(())
    }
}
