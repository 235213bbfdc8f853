// SPDX-License-Identifier: GPL-2.0
#include <linux/device.h>
#include <linux/string.h>

#include "helpers.h"

/* C does not export the bus itself. No other bus has this name. */
bool lb_is_auxiliary(const struct device *dev)
{
	return dev->bus && !strcmp(dev->bus->name, "auxiliary");
}
