// SPDX-License-Identifier: GPL-2.0

//! A PWM chip without hardware: driven through sysfs, and removed while it is in use. See `boot` in
//! this directory.

#![forbid(unsafe_code)]

use kernel::{
    device::{self, Bound, Core},
    new_mutex, pci,
    prelude::*,
    pwm,
    sync::Mutex,
    types::ARef,
};

const CHANNELS: usize = 2;

/// What the hardware would be told, in units of 10 ns.
#[derive(Clone, Copy, Default)]
struct Registers {
    period: u32,
    high: u32,
    offset: u32,
}

#[pin_data(PinnedDrop)]
struct Channels {
    #[pin]
    registers: Mutex<[Registers; CHANNELS]>,
}

#[pinned_drop]
impl PinnedDrop for Channels {
    fn drop(self: Pin<&mut Self>) {
        pr_info!("the data is dropped\n");
    }
}

fn to_units(ns: u64) -> u32 {
    u32::try_from(ns / 10).unwrap_or(u32::MAX)
}

#[vtable]
impl pwm::PwmOps for Channels {
    type WfHw = Registers;

    fn request(
        chip: &pwm::Chip<Self>,
        pwm: &pwm::Device,
        parent_dev: &device::Device<Bound>,
    ) -> Result {
        dev_info!(
            parent_dev,
            "request {} of {}\n",
            pwm.hwpwm(),
            chip.num_channels()
        );
        if module_parameters::refuse.read() {
            Err(EPERM)
        } else {
            Ok(())
        }
    }

    fn round_waveform_tohw(
        _chip: &pwm::Chip<Self>,
        _pwm: &pwm::Device,
        wf: &pwm::Waveform,
    ) -> Result<pwm::RoundedWaveform<Registers>> {
        // The shortest period is 100 ns.
        let period = to_units(wf.period_length_ns);
        let status = wf.period_length_ns != 0 && period < 10;
        Ok(pwm::RoundedWaveform {
            status: status.into(),
            hardware_waveform: Registers {
                period: if status { 10 } else { period },
                high: to_units(wf.duty_length_ns),
                offset: to_units(wf.duty_offset_ns),
            },
        })
    }

    fn round_waveform_fromhw(
        _chip: &pwm::Chip<Self>,
        _pwm: &pwm::Device,
        wfhw: &Registers,
        wf: &mut pwm::Waveform,
    ) -> Result {
        *wf = pwm::Waveform {
            period_length_ns: u64::from(wfhw.period) * 10,
            duty_length_ns: u64::from(wfhw.high) * 10,
            duty_offset_ns: u64::from(wfhw.offset) * 10,
        };
        Ok(())
    }

    fn read_waveform(
        chip: &pwm::Chip<Self>,
        pwm: &pwm::Device,
        _parent_dev: &device::Device<Bound>,
    ) -> Result<Registers> {
        let registers = chip.drvdata().registers.lock();
        registers.get(pwm.hwpwm() as usize).copied().ok_or(EINVAL)
    }

    fn write_waveform(
        chip: &pwm::Chip<Self>,
        pwm: &pwm::Device,
        wfhw: &Registers,
        parent_dev: &device::Device<Bound>,
    ) -> Result {
        let mut registers = pwm.chip::<Self>().drvdata().registers.lock();
        *registers.get_mut(pwm.hwpwm() as usize).ok_or(EINVAL)? = *wfhw;
        let Registers {
            period,
            high,
            offset,
        } = *wfhw;
        dev_info!(
            parent_dev,
            "channel {}: {high} + {offset} of {period}\n",
            pwm.hwpwm()
        );
        assert!(core::ptr::eq(chip, pwm.chip::<Self>()));
        Ok(())
    }
}

struct PwmChip;

struct Data(ARef<pwm::Chip<Channels>>);

impl Drop for Data {
    fn drop(&mut self) {
        pr_info!(
            "the driver's data is dropped, {} channels\n",
            self.0.num_channels()
        );
    }
}

kernel::pci_device_table!(
    TABLE,
    (),
    [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 0x0005), ())]
);

impl pci::Driver for PwmChip {
    type IdInfo = ();
    type Data<'bound> = Data;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            let dev: &device::Device<Bound> = pdev.as_ref();
            let channels = || try_pin_init!(Channels { registers <- new_mutex!([Registers::default(); CHANNELS]) });
            let none = pwm::Chip::new(dev, 0, channels()).map(drop);
            dev_info!(dev, "without channels: {none:?}\n");
            drop(pwm::Chip::new(dev, 1, channels())?);
            let failing = pwm::Chip::<Channels>::new(dev, 1, Err(ENXIO)).map(drop);
            dev_info!(dev, "without data: {failing:?}\n");

            let chip = pwm::Chip::new(dev, CHANNELS as u32, channels())?;
            dev_info!(
                dev,
                "{} channels, atomic: {}\n",
                chip.num_channels(),
                chip.is_atomic()
            );
            let chip = chip.register()?;
            if module_parameters::forget.read() {
                core::mem::forget(chip.clone());
            }
            Ok(Ok::<_, Error>(Data(chip)))
        })
    }
}

kernel::module_pci_driver! {
    type: PwmChip,
    name: "pwm_chip",
    authors: ["The Lifebound developers"],
    description: "A PWM chip without hardware",
    license: "GPL",
    imports_ns: ["PWM"],
    params: {
        refuse: bool { default: false, description: "Refuse all users" },
        forget: bool { default: false, description: "Forget a reference to the chip" },
    },
}
