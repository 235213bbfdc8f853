// SPDX-License-Identifier: GPL-2.0
#include <linux/acpi.h>
#include <linux/of.h>
#include <linux/property.h>
#include <linux/string.h>

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

/* The size of one value of a software node's property, 0 for strings. Negative for what has another kind of value. */
static int lb_swnode_value_size(const struct property_entry *prop)
{
	switch (prop->type) {
	case DEV_PROP_U8:
		return sizeof(u8);
	case DEV_PROP_U16:
		return sizeof(u16);
	case DEV_PROP_U32:
		return sizeof(u32);
	case DEV_PROP_U64:
		return sizeof(u64);
	case DEV_PROP_STRING:
		return 0;
	default:
		return -EPROTO;
	}
}

static int lb_swnode_check(const struct fwnode_handle *fwnode, const char *name, int size)
{
	const struct software_node *node = to_software_node(fwnode);
	const struct property_entry *prop = node ? node->properties : NULL;

	for (; prop && prop->name; prop++)
		if (!strcmp(prop->name, name))
			return !prop->length || lb_swnode_value_size(prop) == size ? 0 : -EPROTO;
	return 0;
}

/*
 * Whether a software node's property may be read as integers of this size, or as strings for 0; -EPROTO if not. What has
 * no value, or comes from firmware, is left to C. Of software nodes C copies the bytes that there are, and so takes
 * integers for the addresses of strings. It asks the second node if the first does not have the property.
 */
int lb_fwnode_check(const struct fwnode_handle *fwnode, const char *name, int size)
{
	return lb_swnode_check(fwnode, name, size) ?: lb_swnode_check(fwnode->secondary, name, size);
}
