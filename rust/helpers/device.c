// SPDX-License-Identifier: GPL-2.0
#include <linux/device.h>
#include <linux/property.h>

#include "helpers.h"

const char *lb_dev_name(const struct device *dev)
{
	return dev_name(dev);
}

void *lb_dev_get_drvdata(const struct device *dev)
{
	return dev_get_drvdata(dev);
}

void lb_dev_set_drvdata(struct device *dev, void *data)
{
	dev_set_drvdata(dev, data);
}

void lb_device_lock(struct device *dev)
{
	device_lock(dev);
}

void lb_device_unlock(struct device *dev)
{
	device_unlock(dev);
}

/*
 * Marks a binding made by this module: its address is the key under which
 * the module finds its own entry among a device's managed resources. In C
 * because the Rust compiler may give two functions of like body one address.
 */
void lb_binding_release(struct device *dev, void *res)
{
}

void *lb_devres_alloc(dr_release_t release, size_t size, gfp_t gfp, const char *name)
{
	return __devres_alloc_node(release, size, gfp, NUMA_NO_NODE, name);
}

struct fwnode_handle *lb_dev_fwnode(const struct device *dev)
{
	return dev_fwnode((struct device *)dev);
}
