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
 * The addresses of these two are what the module's own entries among a device's managed resources are found by: those
 * of bindings, and all others. In C, because a Rust function may have several addresses, or share one.
 */
void lb_binding_release(struct device *dev, void *res)
{
}

void lb_node_release(struct device *dev, void *res)
{
	struct lb_node *node = res;

	node->drop(node);
}

int lb_node_has_key(struct device *dev, void *res, void *key)
{
	struct lb_node *node = res;

	return node->key == key;
}

int lb_node_is_abandoned(struct device *dev, void *res, void *data)
{
	struct lb_node *node = res;

	return smp_load_acquire(&node->abandoned);
}

void lb_node_abandon(struct lb_node *node)
{
	smp_store_release(&node->abandoned, true);
}

void *lb_devres_alloc(dr_release_t release, size_t size, gfp_t gfp, const char *name)
{
	return __devres_alloc_node(release, size, gfp, NUMA_NO_NODE, name);
}

struct fwnode_handle *lb_dev_fwnode(const struct device *dev)
{
	struct fwnode_handle *fwnode = dev_fwnode((struct device *)dev);

	/* A device whose node was taken away has an error there. */
	return IS_ERR(fwnode) ? NULL : fwnode;
}
