// SPDX-License-Identifier: GPL-2.0
#include <linux/acpi.h>
#include <linux/of.h>
#include <linux/property.h>

#include "helpers.h"

/*
 * The device that a node of ACPI's namespace belongs to, or NULL for other nodes. References to such nodes are not
 * counted, fwnode_handle_get() or not; but the device is, and has its nodes until it goes.
 */
static struct device *lb_acpi_owner(struct fwnode_handle *fwnode)
{
#ifdef CONFIG_ACPI
	while (is_acpi_data_node(fwnode))
		fwnode = to_acpi_data_node(fwnode)->parent;
	if (is_acpi_device_node(fwnode))
		return &to_acpi_device_node(fwnode)->dev;
#endif
	return NULL;
}

void lb_fwnode_get(struct fwnode_handle *fwnode)
{
	struct device *owner = lb_acpi_owner(fwnode);

	if (owner)
		get_device(owner);
	else
		fwnode_handle_get(fwnode);
}

void lb_fwnode_put(struct fwnode_handle *fwnode)
{
	struct device *owner = lb_acpi_owner(fwnode);

	if (owner)
		put_device(owner);
	else
		fwnode_handle_put(fwnode);
}

/* Turns a reference that a function of C returned into one for lb_fwnode_put(). */
void lb_fwnode_adopt(struct fwnode_handle *fwnode)
{
	struct device *owner = lb_acpi_owner(fwnode);

	if (owner)
		get_device(owner);
}

/* fwnode_get_next_child_node() gives up a reference to @child, so one more is taken: the caller keeps its own. */
struct fwnode_handle *lb_fwnode_next_child(const struct fwnode_handle *fwnode, struct fwnode_handle *child)
{
	if (child)
		fwnode_handle_get(child);
	return fwnode_get_next_child_node(fwnode, child);
}

bool lb_is_of_node(const struct fwnode_handle *fwnode)
{
	return is_of_node(fwnode);
}

void lb_fwnode_path(struct fwnode_handle *fwnode, char *buf, size_t size)
{
	scnprintf(buf, size, "%pfw", fwnode);
}
