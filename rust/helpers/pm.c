// SPDX-License-Identifier: GPL-2.0
#include <linux/pm_runtime.h>

#include "helpers.h"

void lb_pm_runtime_get_noresume(struct device *dev)
{
	pm_runtime_get_noresume(dev);
}

void lb_pm_runtime_put_sync(struct device *dev)
{
	pm_runtime_put_sync(dev);
}
