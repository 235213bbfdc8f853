// SPDX-License-Identifier: GPL-2.0
#include <linux/platform_device.h>

#include "helpers.h"

bool lb_is_platform(const struct device *dev)
{
	return dev_is_platform(dev);
}

/* C's macro passes the module in 6.12, and also the module's name in later kernels. */
#undef THIS_MODULE
#define THIS_MODULE module
#undef KBUILD_MODNAME
#define KBUILD_MODNAME name

int lb_platform_driver_register(struct platform_driver *drv, struct module *module, const char *name)
{
	drv->driver.name = name;
	return platform_driver_register(drv);
}

void lb_platform_driver_set_remove(struct platform_driver *drv, void (*remove)(struct platform_device *))
{
	drv->remove = remove;
}
