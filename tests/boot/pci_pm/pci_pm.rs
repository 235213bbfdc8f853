// SPDX-License-Identifier: GPL-2.0

//! Power management, errors and resets on PCI, with QEMU's `edu` device. See `boot` in this
//! directory.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    io::Io,
    pci::{self, ChannelState, ErrorHandlers, Recovery},
    pm::Powered,
    prelude::*,
};

/// The content of the first register of `edu`.
const IDENTITY: u32 = 0x0100_00ed;

struct Data<'bound> {
    pdev: &'bound pci::Device<Bound>,
    bar: pci::Bar<'bound, 0x100>,
    _powered: Option<Powered<'bound>>,
}

impl Data<'_> {
    fn tell(&self, what: &str) {
        let works = self.bar.read32(0) == IDENTITY;
        dev_info!(
            self.pdev,
            "{what}, {}\n",
            if works { "works" } else { "does not work" }
        );
    }
}

impl Drop for Data<'_> {
    fn drop(&mut self) {
        self.tell("data dropped");
    }
}

struct Power;

impl Power {
    fn suspend<'bound>(_: &'bound pci::Device<Core<'_>>, data: Pin<&Data<'bound>>) -> Result {
        data.tell("suspend");
        if module_parameters::refuse.read() {
            Err(EBUSY)
        } else {
            Ok(())
        }
    }

    fn resume<'bound>(_: &'bound pci::Device<Core<'_>>, data: Pin<&Data<'bound>>) -> Result {
        data.tell("resume");
        Ok(())
    }

    fn runtime_suspend<'bound>(_: &'bound pci::Device<Bound>, data: Pin<&Data<'bound>>) -> Result {
        data.tell("runtime suspend");
        Ok(())
    }

    fn runtime_resume<'bound>(_: &'bound pci::Device<Bound>, data: Pin<&Data<'bound>>) -> Result {
        data.tell("runtime resume");
        Ok(())
    }

    fn error_detected<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _: Pin<&Data<'bound>>,
        state: ChannelState,
    ) -> Recovery {
        dev_info!(pdev, "error detected, {state:?}\n");
        Recovery::NeedReset
    }

    fn slot_reset<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        data: Pin<&Data<'bound>>,
        (): (),
    ) -> Recovery {
        pdev.restore_state();
        data.tell("slot reset");
        Recovery::Recovered
    }

    fn recovered<'bound>(_: &'bound pci::Device<Core<'_>>, data: Pin<&Data<'bound>>, (): ()) {
        data.tell("recovered");
    }

    fn reset_prepare<'bound>(_: &'bound pci::Device<Core<'_>>, data: Pin<&Data<'bound>>, (): ()) {
        data.tell("reset prepare");
    }

    fn reset_done<'bound>(_: &'bound pci::Device<Core<'_>>, data: Pin<&Data<'bound>>, (): ()) {
        data.tell("reset done");
    }
}

kernel::pci_device_table!(
    TABLE,
    (),
    [(
        pci::DeviceId::from_id(pci::Vendor::from_raw(0x1234), 0x11e8),
        ()
    )]
);

impl pci::Driver for Power {
    type IdInfo = ();
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: pci::IdTable<()> = &TABLE;

    const PM: pci::PmCallbacks<Self> = pci::PmCallbacks::<Self>::NONE
        .suspend(Self::suspend)
        .resume(Self::resume)
        .runtime_suspend(Self::runtime_suspend)
        .runtime_resume(Self::runtime_resume);

    const ERROR_HANDLERS: ErrorHandlers<Self> = ErrorHandlers::<Self>::NONE
        .error_detected(Self::error_detected)
        .slot_reset(Self::slot_reset)
        .resume(Self::recovered)
        .reset_prepare(Self::reset_prepare)
        .reset_done(Self::reset_done);

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            pdev.enable_device_mem()?;
            pdev.allow_runtime_suspend(None)?;
            let powered = match module_parameters::hold.read() {
                0 => None,
                1 => Some(pdev.power_up()?),
                2 => {
                    core::mem::forget(pdev.power_up()?);
                    None
                }
                _ => {
                    core::mem::forget(pdev.power_up()?);
                    return Err(ENODEV);
                }
            };
            Ok(Data {
                pdev,
                bar: pdev.iomap_region_sized(0, c"pci_pm")?,
                _powered: powered,
            })
        })
    }

    fn unbind<'bound>(_pdev: &'bound pci::Device<Core<'_>>, data: Pin<&Data<'bound>>) {
        data.tell("unbind");
    }
}

kernel::module_pci_driver! {
    type: Power,
    name: "pci_pm",
    authors: ["The Lifebound developers"],
    description: "A driver with callbacks for power management, errors and resets",
    license: "GPL",
    params: {
        hold: u32 {
            default: 0,
            description: "1: hold the device powered, 2: forget that, 3: and fail",
        },
        refuse: bool {
            default: false,
            description: "Refuse to be suspended",
        },
    },
}
