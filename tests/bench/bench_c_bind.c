// SPDX-License-Identifier: GPL-2.0
/*
 * The twin of bench_rust_bind.rs: what a driver with a BAR does when it is bound, and no more; it
 * is bound to QEMU's pci-testdev, whose interrupt takes no look into ACPI's tables.
 */
#include <linux/module.h>
#include <linux/pci.h>

struct bench {
	void __iomem *base;
	u32 identity;
};

static int bench_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct bench *bench;
	int error;

	bench = devm_kzalloc(&pdev->dev, sizeof(*bench), GFP_KERNEL);
	if (!bench)
		return -ENOMEM;
	error = pci_enable_device_mem(pdev);
	if (error)
		return error;
	error = pci_request_region(pdev, 0, "bench_c_bind");
	if (error)
		goto disable;
	bench->base = pci_iomap(pdev, 0, 0);
	if (!bench->base) {
		error = -ENOMEM;
		goto release;
	}
	bench->identity = readl(bench->base + 0xc);
	pci_set_drvdata(pdev, bench);
	return 0;

release:
	pci_release_region(pdev, 0);
disable:
	pci_disable_device(pdev);
	return error;
}

static void bench_remove(struct pci_dev *pdev)
{
	struct bench *bench = pci_get_drvdata(pdev);

	pci_iounmap(pdev, bench->base);
	pci_release_region(pdev, 0);
	pci_disable_device(pdev);
}

static const struct pci_device_id table[] = {
	{ PCI_DEVICE(0x1b36, 0x0005) },
	{ }
};
MODULE_DEVICE_TABLE(pci, table);

static struct pci_driver bench_driver = {
	.name = "bench_c_bind",
	.id_table = table,
	.probe = bench_probe,
	.remove = bench_remove,
};
module_pci_driver(bench_driver);

MODULE_DESCRIPTION("What make bench binds, in C");
MODULE_LICENSE("GPL");
