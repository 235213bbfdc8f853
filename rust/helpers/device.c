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

/*
 * Does nothing. The crate finds the module's own bindings among a device's managed resources by the
 * address of this function. It is in C because a Rust function may have several addresses, or share
 * one with another function.
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
	struct fwnode_handle *fwnode = dev_fwnode((struct device *)dev);

	/* After the node was taken away, the field has an error. */
	return IS_ERR(fwnode) ? NULL : fwnode;
}
