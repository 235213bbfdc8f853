// SPDX-License-Identifier: GPL-2.0
/*
 * A part of a device tree, with a bus below the root, while this module is loaded; and the devices on that bus.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_platform.h>
#include <linux/platform_device.h>

extern const u8 __dtbo_nodes_begin[], __dtbo_nodes_end[];

static int overlay;
static struct platform_device *board;

static int populate(void)
{
	struct device_node *node = of_find_node_by_path("/lb-board");
	struct platform_device_info info = { .name = "lb-board", .id = PLATFORM_DEVID_NONE };
	int err;

	if (!node)
		return -ENODEV;
	info.fwnode = of_fwnode_handle(node);
	board = platform_device_register_full(&info);
	if (IS_ERR(board)) {
		err = PTR_ERR(board);
	} else {
		err = of_platform_populate(node, NULL, NULL, &board->dev);
		if (err)
			platform_device_unregister(board);
	}
	of_node_put(node);
	return err;
}

static int __init start(void)
{
	int err = of_overlay_fdt_apply(__dtbo_nodes_begin, __dtbo_nodes_end - __dtbo_nodes_begin, &overlay, NULL);

	if (!err)
		err = populate();
	if (err && overlay)
		of_overlay_remove(&overlay);
	return err;
}

static void __exit end(void)
{
	of_platform_depopulate(&board->dev);
	platform_device_unregister(board);
	of_overlay_remove(&overlay);
}

module_init(start);
module_exit(end);
MODULE_DESCRIPTION("Nodes of a device tree, and the devices that they describe");
MODULE_LICENSE("GPL");
