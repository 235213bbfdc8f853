// SPDX-License-Identifier: GPL-2.0

//! The battery with supplies and clocks, on the model of a GPU of `tests/boot/tyr_model`. See
//! `boot` in this directory.

#![forbid(unsafe_code)]

use kernel::{
    clk::{Clk, Hertz, OptionalClk},
    device::{Bound, Core, Device},
    io::{Io, mem::ExclusiveIoMem},
    platform,
    prelude::*,
    regulator::{self, Disabled, Enabled, Regulator},
};

#[macro_use]
#[path = "../lib/battery.rs"]
mod battery;

const IDENTITY: u32 = 0xa007_0000;

/// The GPU answers as long as both supplies and the clock are on. The other supply is on until the
/// managed resources are released.
struct Hardware<'bound> {
    _clk: Clk,
    _mali: Regulator<Enabled>,
    registers: ExclusiveIoMem<'bound, 0x1000>,
}

impl battery::Hardware for Hardware<'_> {
    fn works(&self) -> bool {
        self.registers.read32(0) == IDENTITY
    }
}

/// Checks one statement about clocks and supplies.
fn check(dev: &Device<Bound>, what: &str, holds: bool) -> Result {
    if holds {
        return Ok(());
    }
    dev_err!(dev, "NOT USABLE: {what}\n");
    Err(EPROTO)
}

/// A share undoes what it has done, and nothing else.
fn check_clk(dev: &Device<Bound>, clk: &Clk) -> Result {
    check(dev, "the rate", clk.rate() == Hertz::from_mhz(200))?;
    let other = Clk::get(dev, Some(c"core"))?;
    check(dev, "not prepared", other.enable() == Err(ESHUTDOWN))?;
    // The other share has done nothing that it could undo.
    other.disable();
    other.unprepare();
    other.disable_unprepare();
    other.prepare_enable()?;
    // A clock that runs stays prepared.
    other.unprepare();
    other.prepare()?;
    other.enable()?;
    // Two of each are left to its drop.
    drop(other);
    let none = Clk::get(dev, Some(c"none")).map(|_| ());
    check(dev, "no such clock", none == Err(ENOENT))?;
    let optional = OptionalClk::get(dev, Some(c"none"))?;
    optional.prepare_enable()?;
    check(dev, "no rate", optional.rate() == Hertz(0))?;
    optional.disable_unprepare();
    optional.disable_unprepare();
    Ok(())
}

/// The state is part of the type.
fn check_supply(dev: &Device<Bound>) -> Result {
    let off = Regulator::<Disabled>::get(dev, c"mali")?;
    let voltage = off.get_voltage()?.as_microvolts();
    check(dev, "the voltage", voltage == 675_000)?;
    let was_on = off.is_enabled();
    let on = off.try_into_enabled()?;
    let off = on.try_into_disabled()?;
    check(dev, "the supply", off.is_enabled() == was_on)?;
    drop(off.try_into_enabled()?);
    let none = regulator::devm_enable_optional(dev, c"none");
    check(dev, "no such supply", none == Err(ENODEV))?;
    for bad in [c"", c"a/b", c".."] {
        let refused = Regulator::<Enabled>::get(dev, bad).map(|_| ());
        check(dev, "a bad name", refused == Err(EINVAL))?;
    }
    Ok(())
}

struct Order;

kernel::platform_device_table!(
    TABLE,
    (),
    [(platform::DeviceId::new(c"mali-valhall-csf"), ())]
);

impl platform::Driver for Order {
    type IdInfo = ();
    type Data<'bound> = battery::Data<Hardware<'bound>>;
    const ID_TABLE: Option<platform::IdTable<()>> = Some(&TABLE);

    fn probe<'bound>(
        pdev: &'bound platform::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        let dev: &'bound Device<Bound> = pdev.as_ref();
        battery::data(dev, move || {
            let request = pdev.io_request_by_index(0).ok_or(ENXIO)?;
            let registers: ExclusiveIoMem<'_, 0x1000> = request.iomap_exclusive_sized()?;
            // Each allocation of a probe that is quiet is made to fail.
            let checked = !module_parameters::quiet.read();
            if checked {
                check_supply(dev)?;
            }
            let mali = Regulator::<Enabled>::get(dev, c"mali")?;
            regulator::devm_enable(dev, c"sram")?;
            let clk = Clk::get(dev, Some(c"core"))?;
            clk.prepare_enable()?;
            if checked {
                check_clk(dev, &clk)?;
            }
            Ok(Hardware {
                _clk: clk,
                _mali: mali,
                registers,
            })
        })
    }

    fn unbind<'bound>(_pdev: &'bound platform::Device<Core<'_>>, data: Pin<&Self::Data<'bound>>) {
        data.unbind();
    }
}

battery_module!(module_platform_driver, Order, "tyr_order");
