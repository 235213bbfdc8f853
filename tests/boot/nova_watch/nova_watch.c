// SPDX-License-Identifier: GPL-2.0
/*
 * For the tests of drivers/gpu/nova. Each coherent allocation of a GPU, and each one that is about
 * to be freed, becomes a mark in the record of its model (tests/models/nova.c), among the accesses
 * to its registers. The parameter "offset" is added to addresses of memory, to give those that GPUs
 * use for it, from the next binding on.
 */
#include <linux/dma-direct.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/tracepoint.h>

enum {
	MODEL_KEY = 0x80,
	MODEL_VALUE = 0x84,
	MODEL_ALLOC = 0x01000004,
	MODEL_FREE = 0x01000005,
};

static unsigned long offset;
module_param(offset, ulong, 0600);

static bool is_gpu(struct device *dev)
{
	return dev->bus == &pci_bus_type && to_pci_dev(dev)->vendor == PCI_VENDOR_ID_NVIDIA;
}

static void mark(struct device *dev, u32 key, dma_addr_t address)
{
	if (!is_gpu(dev))
		return;
	pci_write_config_dword(to_pci_dev(dev), MODEL_KEY, key);
	pci_write_config_dword(to_pci_dev(dev), MODEL_VALUE, (u32)(address >> PAGE_SHIFT));
}

static void on_alloc(void *data, struct device *dev, void *cpu, dma_addr_t address, size_t size,
		     enum dma_data_direction direction, gfp_t flags, unsigned long attrs)
{
	if (cpu)
		mark(dev, MODEL_ALLOC, address);
}

static void on_free(void *data, struct device *dev, void *cpu, dma_addr_t address, size_t size,
		    enum dma_data_direction direction, unsigned long attrs)
{
	mark(dev, MODEL_FREE, address);
}

static struct tracepoint *alloc_point, *free_point;

static void find(struct tracepoint *point, void *unused)
{
	if (!strcmp(point->name, "dma_alloc"))
		alloc_point = point;
	if (!strcmp(point->name, "dma_free"))
		free_point = point;
}

/* The driver core frees the map when the binding has ended. */
static int on_bus(struct notifier_block *block, unsigned long action, void *data)
{
	struct device *dev = data;
	struct bus_dma_region *map;

	if (action != BUS_NOTIFY_BIND_DRIVER || !offset || !is_gpu(dev) || dev->dma_range_map)
		return NOTIFY_DONE;
	/* One region, and one that ends the map. */
	map = kcalloc(2, sizeof(*map), GFP_KERNEL);
	if (!map)
		return NOTIFY_DONE;
	map->dma_start = offset;
	map->size = 1ULL << 36;
	dev->dma_range_map = map;
	return NOTIFY_OK;
}

static struct notifier_block block = {
	.notifier_call = on_bus,
};

static int __init nova_watch_init(void)
{
	int ret;

	for_each_kernel_tracepoint(find, NULL);
	if (!alloc_point || !free_point)
		return -ENOENT;
	ret = tracepoint_probe_register(alloc_point, on_alloc, NULL);
	if (ret)
		return ret;
	ret = tracepoint_probe_register(free_point, on_free, NULL);
	if (ret) {
		tracepoint_probe_unregister(alloc_point, on_alloc, NULL);
		tracepoint_synchronize_unregister();
		return ret;
	}
	bus_register_notifier(&pci_bus_type, &block);
	return 0;
}

static void __exit nova_watch_exit(void)
{
	bus_unregister_notifier(&pci_bus_type, &block);
	tracepoint_probe_unregister(free_point, on_free, NULL);
	tracepoint_probe_unregister(alloc_point, on_alloc, NULL);
	tracepoint_synchronize_unregister();
}

module_init(nova_watch_init);
module_exit(nova_watch_exit);
MODULE_DESCRIPTION("Marks allocations in the record of a GPU's model");
MODULE_LICENSE("GPL");
