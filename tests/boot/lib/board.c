// SPDX-License-Identifier: GPL-2.0
/*
 * Board code: platform devices that come and go, and memory that is claimed. This is one of the C
 * files of a module. A test writes a command to the parameter "board":
 *
 *	add NAME ID START SIZE [FLAGS]
 *		adds a device NAME.ID with this range of memory; its resource has FLAGS
 *	hidden NAME ID START SIZE
 *		does the same, but nobody else sees the range, as with a device of a device tree
 *	del NAME.ID
 *		removes the device
 *	claim START SIZE
 *		claims memory, as a driver in C does
 *	release START SIZE
 *		releases the claim
 */
#include <linux/ioport.h>
#include <linux/module.h>
#include <linux/platform_device.h>

static int board_add(const char *name, int id, u64 start, u64 size, unsigned int flags)
{
	struct resource memory = DEFINE_RES_MEM(start, size);

	memory.flags |= flags;
	return PTR_ERR_OR_ZERO(platform_device_register_resndata(NULL, name, id, &memory, 1, NULL, 0));
}

/*
 * Adds the device without its memory, so that no driver can use it. Then gives the device its
 * memory, and has drivers probe it again.
 */
static int board_add_hidden(const char *name, int id, u64 start, u64 size)
{
	struct resource memory = DEFINE_RES_MEM(start, size);
	struct platform_device *pdev = platform_device_alloc(name, id);
	int ret;

	if (!pdev)
		return -ENOMEM;
	ret = platform_device_add_resources(pdev, &memory, 1);
	pdev->num_resources = 0;
	if (!ret)
		ret = platform_device_add(pdev);
	if (ret) {
		platform_device_put(pdev);
		return ret;
	}
	pdev->num_resources = 1;
	pdev->resource[0].name = dev_name(&pdev->dev);
	return device_attach(&pdev->dev) < 0 ? -ENODEV : 0;
}

static int board_del(const char *name)
{
	struct device *dev = bus_find_device_by_name(&platform_bus_type, NULL, name);

	if (!dev)
		return -ENODEV;
	platform_device_unregister(to_platform_device(dev));
	put_device(dev);
	return 0;
}

static int board_set(const char *text, const struct kernel_param *kp)
{
	unsigned int flags = 0;
	char name[32];
	u64 start, size;
	int id;

	if (sscanf(text, "add %31s %d %lli %lli %i", name, &id, &start, &size, &flags) >= 4)
		return board_add(name, id, start, size, flags);
	if (sscanf(text, "hidden %31s %d %lli %lli", name, &id, &start, &size) == 4)
		return board_add_hidden(name, id, start, size);
	if (sscanf(text, "del %31s", name) == 1)
		return board_del(name);
	if (sscanf(text, "claim %lli %lli", &start, &size) == 2)
		return request_mem_region(start, size, "board") ? 0 : -EBUSY;
	if (sscanf(text, "release %lli %lli", &start, &size) != 2)
		return -EINVAL;
	release_mem_region(start, size);
	return 0;
}

static const struct kernel_param_ops board_ops = {
	.set = board_set,
};

module_param_cb(board, &board_ops, NULL, 0200);
