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

void lb_platform_driver_set_remove(struct platform_driver *drv, void (*remove)(struct platform_device *))
{
	drv->remove = remove;
}
