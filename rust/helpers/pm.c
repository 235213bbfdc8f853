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

void lb_pm_runtime_get_sync(struct device *dev)
{
	pm_runtime_get_sync(dev);
}

int lb_pm_runtime_resume_and_get(struct device *dev)
{
	return pm_runtime_resume_and_get(dev);
}

void lb_pm_runtime_put_noidle(struct device *dev)
{
	pm_runtime_put_noidle(dev);
}

/* A device without a delay suspends at once. */
void lb_pm_runtime_put_autosuspend(struct device *dev)
{
	pm_runtime_mark_last_busy(dev);
	pm_runtime_put_autosuspend(dev);
}

/* A negative delay means that there is no delay. */
void lb_pm_runtime_use_autosuspend(struct device *dev, int delay_ms)
{
	if (delay_ms < 0)
		return;
	pm_runtime_set_autosuspend_delay(dev, delay_ms);
	pm_runtime_use_autosuspend(dev);
}

void lb_pm_runtime_dont_use_autosuspend(struct device *dev)
{
	pm_runtime_dont_use_autosuspend(dev);
}

int lb_pm_runtime_enable_active(struct device *dev)
{
	int error = pm_runtime_set_active(dev);

	if (!error)
		pm_runtime_enable(dev);
	return error;
}

void lb_pm_runtime_disable(struct device *dev)
{
	pm_runtime_disable(dev);
}

void lb_pm_runtime_set_suspended(struct device *dev)
{
	pm_runtime_set_suspended(dev);
}
