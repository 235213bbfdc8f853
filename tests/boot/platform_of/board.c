// SPDX-License-Identifier: GPL-2.0
/*
 * Nodes below the root of the device tree, and the devices that they describe. They exist for as
 * long as this module is loaded.
 */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_platform.h>
#include <linux/platform_device.h>

extern const u8 __dtbo_nodes_begin[], __dtbo_nodes_end[];

static const char * const paths[] = { "/lb-targets", "/lb-props@fed1d000", "/lb-overlap@fed1c800" };

static int overlay;

static int __init start(void)
{
	int err = of_overlay_fdt_apply(__dtbo_nodes_begin, __dtbo_nodes_end - __dtbo_nodes_begin, &overlay, NULL);

	if (err && overlay)
		of_overlay_remove(&overlay);
	return err;
}

static void remove_device(const char *path)
{
	struct device_node *node = of_find_node_by_path(path);
	struct platform_device *pdev = of_find_device_by_node(node);
	int tries;

	if (pdev) {
		of_platform_device_destroy(&pdev->dev, NULL);
		platform_device_put(pdev);
	}
	/*
	 * The tree has one reference, and this module has one. A debug kernel releases a device
	 * seconds after the last reference to it, and only then gives up the device's reference to
	 * its node. C never frees an overlay whose nodes are in use, and reports that.
	 */
	for (tries = 0; kref_read(&node->kobj.kref) > 2 && tries < 100; tries++)
		msleep(100);
	of_node_put(node);
}

static void __exit end(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(paths); i++)
		remove_device(paths[i]);
	of_overlay_remove(&overlay);
}

module_init(start);
module_exit(end);
MODULE_DESCRIPTION("Nodes of a device tree, and the devices that they describe");
MODULE_LICENSE("GPL");
