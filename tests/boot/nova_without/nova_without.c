// SPDX-License-Identifier: GPL-2.0
/*
 * What drivers/gpu/nova has to do in a language without lifetimes, for Documentation/gpu.md, which
 * quotes this file. It is compiled and never loaded.
 */
#include <linux/auxiliary_bus.h>
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/pci.h>

enum {
	FLUSH_LOW = 0x100c10,
	FLUSH_HIGH = 0x100c40,
};

/* Both are copies. Each user must know that remove() has not gone too far. */
struct flush_page {
	struct pci_dev *pdev;
	void __iomem *bar;
	void *memory;
	dma_addr_t address;
};

struct nova {
	struct pci_dev *pdev;
	void __iomem *bar;
	struct flush_page page;
	struct auxiliary_device child;
};

static int nova_map(struct nova *nova)
{
	int ret = pcim_enable_device(nova->pdev);

	if (ret)
		return ret;
	/* Unmapped by devres, whoever still has a copy of the pointer. */
	nova->bar = pcim_iomap_region(nova->pdev, 0, "nova");
	return PTR_ERR_OR_ZERO(nova->bar);
}

static void flush_page_set(struct flush_page *page, dma_addr_t address)
{
	writel(upper_32_bits(address) >> 8, page->bar + FLUSH_HIGH);
	writel(address >> 8, page->bar + FLUSH_LOW);
}

static dma_addr_t flush_page_get(struct flush_page *page)
{
	return (dma_addr_t)readl(page->bar + FLUSH_HIGH) << 40 |
	       (dma_addr_t)readl(page->bar + FLUSH_LOW) << 8;
}

static int flush_page_begin(struct flush_page *page, struct nova *nova)
{
	page->pdev = nova->pdev;
	page->bar = nova->bar;
	page->memory = dma_alloc_coherent(&page->pdev->dev, PAGE_SIZE, &page->address, GFP_KERNEL);
	if (!page->memory)
		return -ENOMEM;
	flush_page_set(page, page->address);
	return 0;
}

/*
 * Must be called after flush_page_begin(), on each path: before devres unmaps BAR 0, after the last
 * user of the chip has ended, and with bus mastering turned off before the memory is freed.
 */
static void flush_page_end(struct flush_page *page)
{
	if (flush_page_get(page) == page->address)
		flush_page_set(page, 0);
	pci_clear_master(page->pdev);
	dma_free_coherent(&page->pdev->dev, PAGE_SIZE, page->memory, page->address);
}

static void nova_child_release(struct device *dev)
{
	/* The child is a part of `nova`, which devres frees: no reference may be left. */
}

static int nova_add_child(struct nova *nova)
{
	int ret;

	nova->child.name = "drm";
	nova->child.dev.parent = &nova->pdev->dev;
	nova->child.dev.release = nova_child_release;
	ret = auxiliary_device_init(&nova->child);
	if (ret)
		return ret;
	ret = auxiliary_device_add(&nova->child);
	if (ret)
		auxiliary_device_uninit(&nova->child);
	return ret;
}

static int nova_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct nova *nova = devm_kzalloc(&pdev->dev, sizeof(*nova), GFP_KERNEL);
	int ret;

	if (!nova)
		return -ENOMEM;
	nova->pdev = pdev;
	pci_set_drvdata(pdev, nova);
	ret = nova_map(nova);
	if (ret)
		return ret;
	ret = flush_page_begin(&nova->page, nova);
	if (ret)
		return ret;
	pci_set_master(pdev);
	ret = nova_add_child(nova);
	if (ret)
		flush_page_end(&nova->page);
	return ret;
}

static void nova_remove(struct pci_dev *pdev)
{
	struct nova *nova = pci_get_drvdata(pdev);

	/* The order is this function's alone, and that of the errors above once more. */
	auxiliary_device_delete(&nova->child);
	auxiliary_device_uninit(&nova->child);
	flush_page_end(&nova->page);
}

static const struct pci_device_id nova_table[] = {
	{
		.vendor = PCI_VENDOR_ID_NVIDIA,
		.device = PCI_ANY_ID,
		.subvendor = PCI_ANY_ID,
		.subdevice = PCI_ANY_ID,
		.class = PCI_CLASS_DISPLAY_3D << 8,
		.class_mask = 0xffff00,
	},
	{}
};

static struct pci_driver nova_driver = {
	.name = "nova_without",
	.id_table = nova_table,
	.probe = nova_probe,
	.remove = nova_remove,
};

module_pci_driver(nova_driver);
MODULE_DESCRIPTION("What drivers/gpu/nova does, in C");
MODULE_LICENSE("GPL");
