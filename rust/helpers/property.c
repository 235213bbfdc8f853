// SPDX-License-Identifier: GPL-2.0
#include <linux/acpi.h>
#include <linux/of.h>
#include <linux/property.h>
#include <linux/string.h>

#include "helpers.h"

/*
 * Returns the device that a node of ACPI's namespace belongs to, or NULL for other nodes.
 * fwnode_handle_get() does not count references to nodes of ACPI. References to the device are
 * counted, and the device keeps its nodes until it is released.
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

/* Turns a reference that a function of C has returned into a reference for lb_fwnode_put(). */
void lb_fwnode_adopt(struct fwnode_handle *fwnode)
{
	struct device *owner = lb_acpi_owner(fwnode);

	if (owner)
		get_device(owner);
}

/*
 * fwnode_get_next_child_node() gives up a reference to @child. This function takes one before, so
 * the caller keeps its own.
 */
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

/*
 * Returns the size in bytes of one value of a software node's property; 0 for strings; a negative
 * error for other kinds of values.
 */
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
 * Returns 0 if a software node's property may be read as integers of this size in bytes, or as
 * strings if the size is 0; otherwise -EPROTO. A property without a value, or of a node from
 * firmware, is left to C.
 *
 * C copies the bytes of a software node's property, whatever their type: it takes integers for the
 * addresses of strings. If the first node does not have the property, C asks the second node.
 */
int lb_fwnode_check(const struct fwnode_handle *fwnode, const char *name, int size)
{
	return lb_swnode_check(fwnode, name, size) ?: lb_swnode_check(fwnode->secondary, name, size);
}
