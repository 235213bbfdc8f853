// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/sys_soc.h>

#include "helpers.h"

#ifdef CONFIG_SOC_BUS
struct soc_device *lb_soc_device_register(struct soc_device_attribute *attr)
{
	struct soc_device *soc = soc_device_register(attr);

	/* NULL: the bus is not there yet, and C has kept the attributes. */
	return soc ?: ERR_PTR(-EPROBE_DEFER);
}

void lb_soc_device_unregister(struct soc_device *soc)
{
	soc_device_unregister(soc);
}
#else
struct soc_device *lb_soc_device_register(struct soc_device_attribute *attr)
{
	return ERR_PTR(-EOPNOTSUPP);
}

void lb_soc_device_unregister(struct soc_device *soc)
{
}
#endif
