// SPDX-License-Identifier: GPL-2.0
#include <linux/device.h>
#include <linux/string.h>

#include "helpers.h"

/* The bus itself is not exported; its name is no other's. */
bool lb_is_auxiliary(const struct device *dev)
{
	return dev->bus && !strcmp(dev->bus->name, "auxiliary");
}
