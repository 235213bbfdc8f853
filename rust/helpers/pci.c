// SPDX-License-Identifier: GPL-2.0
#include <linux/pci.h>

#include "helpers.h"

resource_size_t lb_pci_resource_start(struct pci_dev *pdev, int bar)
{
	return pci_resource_start(pdev, bar);
}

resource_size_t lb_pci_resource_len(struct pci_dev *pdev, int bar)
{
	return pci_resource_len(pdev, bar);
}

unsigned long lb_pci_resource_flags(struct pci_dev *pdev, int bar)
{
	return pci_resource_flags(pdev, bar);
}

u16 lb_pci_dev_id(struct pci_dev *pdev)
{
	return pci_dev_id(pdev);
}

bool lb_pci_is_master(struct pci_dev *pdev)
{
	u16 command;

	return !pci_read_config_word(pdev, PCI_COMMAND, &command) && (command & PCI_COMMAND_MASTER);
}

unsigned int lb_pci_irq_type(struct pci_dev *pdev)
{
	return pdev->msix_enabled ? PCI_IRQ_MSIX : pdev->msi_enabled ? PCI_IRQ_MSI : PCI_IRQ_INTX;
}

bool lb_is_pci(const struct device *dev)
{
	return dev_is_pci(dev);
}

int lb_pci_register_driver(struct pci_driver *drv, struct module *owner, const char *name)
{
	drv->name = name;
	return __pci_register_driver(drv, owner, name);
}
