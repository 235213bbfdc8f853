// SPDX-License-Identifier: GPL-2.0

//! The kernel's functions that a picture knows: what a call of them begins, ends or does.

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Change {
    /// Something is held from now on. The value says which one.
    Begins(Value),
    /// It is held no more.
    Ends(Value),
    /// Nothing is held.
    Happens,
}

/// A value that tells things of one kind apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    /// An argument, from 0 on.
    Argument(usize),
    /// What the function returned.
    Returned,
}

/// A function of the kernel.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) function: &'static str,
    pub(crate) change: Change,
    /// The thing, where `{1}` stands for the second argument. The beginning and the end of a thing
    /// have the same text here.
    pub(crate) thing: &'static str,
    /// What happens to it.
    pub(crate) verb: &'static str,
}

use Change::{Begins, Ends, Happens};
use Value::{Argument, Returned};

const fn known(
    function: &'static str,
    change: Change,
    thing: &'static str,
    verb: &'static str,
) -> Known {
    Known {
        function,
        change,
        thing,
        verb,
    }
}

/// All of them. Their names are those of Linux 6.12 to 7.3; a kernel that lacks one is traced
/// without it.
#[rustfmt::skip]
pub(crate) const KNOWN: &[Known] = &[
    known("pci_enable_device_mem", Begins(Argument(0)), "device", "is enabled"),
    known("pci_enable_device", Begins(Argument(0)), "device", "is enabled"),
    known("pci_disable_device", Ends(Argument(0)), "device", "is disabled"),
    known("pci_request_region", Begins(Argument(1)), "BAR {1}", "is reserved"),
    known("pci_release_region", Ends(Argument(1)), "BAR {1}", "is given back"),
    known("pci_iomap", Begins(Returned), "mapping", "of BAR {1} is made"),
    known("ioremap", Begins(Returned), "mapping", "of registers is made"),
    known("iounmap", Ends(Argument(0)), "mapping", "is undone"),
    known("__request_region", Begins(Argument(1)), "registers", "are reserved"),
    known("__release_region", Ends(Argument(1)), "registers", "are given back"),
    known("pci_set_master", Begins(Argument(0)), "bus mastering", "begins"),
    known("pci_clear_master", Ends(Argument(0)), "bus mastering", "ends"),
    known("dma_set_mask", Happens, "DMA mask", "is set"),
    known("dma_alloc_attrs", Begins(Returned), "DMA memory", "is allocated"),
    known("dma_free_attrs", Ends(Argument(2)), "DMA memory", "is freed"),
    known("pci_alloc_irq_vectors", Begins(Argument(0)), "vectors", "are allocated"),
    known("pci_free_irq_vectors", Ends(Argument(0)), "vectors", "are freed"),
    known("request_threaded_irq", Begins(Argument(0)), "handler", "is requested"),
    known("free_irq", Ends(Argument(0)), "handler", "is freed"),
    known("misc_register", Begins(Argument(0)), "node in /dev", "is made"),
    known("misc_deregister", Ends(Argument(0)), "node in /dev", "is removed"),
    known("debugfs_create_dir", Begins(Returned), "debugfs", "directory is made"),
    known("debugfs_remove", Ends(Argument(0)), "debugfs", "directory is removed"),
    known("__auxiliary_device_add", Begins(Argument(0)), "child", "is added"),
    known("device_del", Ends(Argument(0)), "child", "is deleted"),
    known("serdev_device_open", Begins(Argument(0)), "port", "is opened"),
    known("serdev_device_close", Ends(Argument(0)), "port", "is closed"),
    known("regulator_get", Begins(Returned), "supply", "is looked up"),
    known("regulator_put", Ends(Argument(0)), "supply", "is given back"),
    known("regulator_enable", Begins(Argument(0)), "power", "is switched on"),
    known("regulator_disable", Ends(Argument(0)), "power", "is switched off"),
    known("clk_get", Begins(Returned), "clock", "is looked up"),
    known("clk_put", Ends(Argument(0)), "clock", "is given back"),
    known("clk_enable", Begins(Argument(0)), "clocked", "from now on"),
    known("clk_disable", Ends(Argument(0)), "clocked", "no more"),
    known("pm_runtime_enable", Begins(Argument(0)), "runtime PM", "is enabled"),
    known("__pm_runtime_disable", Ends(Argument(0)), "runtime PM", "is disabled"),
    known("cancel_work_sync", Happens, "work item", "is cancelled"),
    known("disable_delayed_work_sync", Happens, "work item", "is cancelled"),
    known("hrtimer_cancel", Happens, "timer", "is cancelled"),
    known("pci_save_state", Happens, "state of PCI", "is saved"),
    known("i2c_smbus_xfer", Happens, "SMBus", "transfer"),
    known("i2c_transfer", Happens, "I2C", "messages"),
    known("spi_sync", Happens, "SPI", "message"),
    known("serdev_device_write", Happens, "serial port", "sends"),
    known("usb_control_msg", Happens, "control", "message"),
    known("usb_bulk_msg", Happens, "bulk", "message"),
];

/// Functions that are traced in order to see who calls them: those of allocations say where the
/// driver's data lies, the others which of the driver's functions run.
pub(crate) const OTHERS: &[&str] = &[
    "kfree",
    "__wake_up",
    "_copy_to_user",
    "_copy_from_user",
    "_copy_to_iter",
    "_copy_from_iter",
];

/// Functions that allocate memory.
pub(crate) const ALLOCATES: &[&str] = &[
    "krealloc_noprof",
    "__kmalloc_noprof",
    "__kmalloc_cache_noprof",
    "__kmalloc_node_noprof",
];

/// Functions whose beginning and end are shown, with what happens meanwhile.
pub(crate) const CALLS: &[&str] = &[
    "pci_device_probe",
    "pci_device_remove",
    "platform_probe",
    "platform_remove",
    "auxiliary_bus_probe",
    "auxiliary_bus_remove",
    "usb_probe_interface",
    "usb_unbind_interface",
    "i2c_device_probe",
    "i2c_device_remove",
    "spi_probe",
    "spi_remove",
    "serdev_drv_probe",
    "serdev_drv_remove",
    "device_unbind_cleanup",
    "devres_release_all",
];

/// The driver core probes a device.
pub(crate) const PROBE: &str = "really_probe";
/// The driver core unbinds a device.
pub(crate) const RELEASE: &str = "device_release_driver_internal";

/// Looks a function up.
pub(crate) fn find(function: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.function == function)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_has_begun() {
        for known in KNOWN {
            if let Ends(_) = known.change {
                let begins =
                    |other: &Known| matches!(other.change, Begins(_)) && other.thing == known.thing;
                assert!(KNOWN.iter().any(begins), "{}", known.function);
            }
        }
    }

    #[test]
    fn names_are_there_once() {
        for (index, known) in KNOWN.iter().enumerate() {
            assert!(
                KNOWN[..index]
                    .iter()
                    .all(|other| other.function != known.function)
            );
        }
    }
}
