// SPDX-License-Identifier: GPL-2.0
/*
 * An auxiliary device as a driver in C makes one: no other memory follows its structure. Like some
 * such devices, it has a type, whose memory is elsewhere.
 */
#include <linux/auxiliary_bus.h>
#include <linux/build_bug.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>

static struct device *root;
static struct auxiliary_device *adev;
static const struct device_type type = { .name = "lifebound_auxiliary_1" };

static int __init start(void)
{
	int err;

	adev = kzalloc(sizeof(*adev), GFP_KERNEL);
	if (!adev)
		return -ENOMEM;
	root = root_device_register("auxiliary_c");
	if (IS_ERR(root)) {
		kfree(adev);
		return PTR_ERR(root);
	}
	adev->name = "other";
	adev->id = 9;
	adev->dev.parent = root;
	/*
	 * The release function is the kernel's: a debug kernel releases a device seconds later,
	 * when this module is gone.
	 */
	static_assert(offsetof(struct auxiliary_device, dev) == 0);
	adev->dev.release = (void (*)(struct device *))kfree;
	adev->dev.type = &type;
	err = auxiliary_device_init(adev);
	if (err) {
		kfree(adev);
		root_device_unregister(root);
		return err;
	}
	err = __auxiliary_device_add(adev, "order");
	if (err) {
		auxiliary_device_uninit(adev);
		root_device_unregister(root);
	}
	return err;
}

static void __exit end(void)
{
	auxiliary_device_delete(adev);
	auxiliary_device_uninit(adev);
	root_device_unregister(root);
}

module_init(start);
module_exit(end);
MODULE_DESCRIPTION("Makes an auxiliary device in C");
MODULE_LICENSE("GPL");
