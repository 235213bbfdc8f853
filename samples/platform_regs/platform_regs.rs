// SPDX-License-Identifier: GPL-2.0

//! A driver for devices that ACPI describes: ids of two kinds, properties, registers that are
//! claimed and typed.
//!
//! `platform_regs.asl` in this directory describes the devices. Their registers are plain memory,
//! so they keep the values that are written to them.
//!
//! To run it: `make run SAMPLE=platform_regs`.

#![forbid(unsafe_code)]

use kernel::{
    acpi,
    device::{Bound, Core},
    io::{Io, mem::ExclusiveIoMem, register, register::Array},
    of, platform,
    prelude::*,
    str::CString,
};

register! {
    /// How often a driver has taken the device into service.
    BINDINGS(u32) @ 0x0 {
        31:0 count;
    }

    /// The output of each channel.
    LEVEL(u32)[8, stride = 4] @ 0x20 {
        15:0 level;
        31:31 on => bool;
    }
}

const REGISTERS: usize = 0x40;

/// The facts that the driver knows about a kind of device.
struct Model {
    name: &'static str,
    channels: u32,
}

kernel::acpi_device_table!(
    ACPI_TABLE,
    Model,
    [(
        acpi::DeviceId::new(c"LIFE0001"),
        Model {
            name: "ACPI",
            channels: 8
        }
    )]
);
kernel::of_device_table!(
    OF_TABLE,
    Model,
    [(
        of::DeviceId::new(c"lifebound,regs"),
        Model {
            name: "compatible",
            channels: 2
        }
    )]
);

struct Regs;

/// The driver's data, which live from `probe` until the device is unbound.
struct Data<'bound> {
    pdev: &'bound platform::Device<Bound>,
    registers: ExclusiveIoMem<'bound, REGISTERS>,
    label: CString,
}

impl platform::Driver for Regs {
    type IdInfo = Model;
    type Data<'bound> = Data<'bound>;
    const ACPI_ID_TABLE: Option<acpi::IdTable<Model>> = Some(&ACPI_TABLE);
    const OF_ID_TABLE: Option<of::IdTable<Model>> = Some(&OF_TABLE);

    fn probe<'bound>(
        pdev: &'bound platform::Device<Core<'_>>,
        model: Option<&'bound Model>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            let model = model.ok_or(ENODEV)?;
            let request = pdev.io_request_by_index(0).ok_or(ENXIO)?;
            let registers: ExclusiveIoMem<'_, REGISTERS> = request.iomap_exclusive_sized()?;

            let node = pdev.as_ref().fwnode().ok_or(ENODEV)?;
            let label = node
                .property_read::<CString>(c"label")
                .required_by(pdev.as_ref())?;
            let channels = node.property_read(c"lifebound,channels").or(model.channels);
            let levels: [u16; 3] = node.property_read(c"lifebound,levels").or_default();

            let bindings = registers.read(BINDINGS).into_raw().wrapping_add(1);
            registers.write(BINDINGS, bindings.into());
            for (index, level) in levels.into_iter().enumerate() {
                let level = LEVEL::zeroed().with_level(level).with_on(true);
                registers.write(LEVEL::try_at(index).ok_or(ERANGE)?, level);
            }
            dev_info!(
                pdev,
                "{}: {} device, {channels} channels, levels {levels:?}, binding {bindings}\n",
                &*label,
                model.name
            );
            Ok(try_init!(Data {
                pdev,
                registers,
                label
            }))
        })
    }

    fn unbind<'bound>(_pdev: &'bound platform::Device<Core<'_>>, data: Pin<&Data<'bound>>) {
        data.registers.write(LEVEL::at(0), LEVEL::zeroed());
    }
}

impl Drop for Data<'_> {
    fn drop(&mut self) {
        let level = self.registers.read(LEVEL::at(1)).level().get();
        dev_info!(self.pdev, "{}: dropped at level {level}\n", &*self.label);
    }
}

kernel::module_platform_driver! {
    type: Regs,
    name: "platform_regs",
    authors: ["The Lifebound developers"],
    description: "Driver for registers that ACPI describes",
    license: "GPL",
}
