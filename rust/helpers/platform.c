// SPDX-License-Identifier: GPL-2.0
#include <linux/platform_device.h>
#include <linux/string.h>

#include "helpers.h"

/* As platform_match_id(), which is not exported. */
const struct platform_device_id *lb_platform_match_id(const struct platform_device_id *ids,
						      const struct platform_device *pdev)
{
	for (; ids->name[0]; ids++)
		if (!strcmp(pdev->name, ids->name))
			return ids;
	return NULL;
}

/* C's macro passes what the kernel at hand wants to know: 6.12 the module, later ones also its name. */
#undef THIS_MODULE
#define THIS_MODULE module
#undef KBUILD_MODNAME
#define KBUILD_MODNAME name

int lb_platform_driver_register(struct platform_driver *drv, struct module *module, const char *name)
{
	return platform_driver_register(drv);
}

void lb_platform_driver_set_remove(struct platform_driver *drv, void (*remove)(struct platform_device *))
{
	drv->remove = remove;
}
