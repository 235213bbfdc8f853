// SPDX-License-Identifier: GPL-2.0
#include <linux/device.h>
#include <linux/sysfs.h>

#include "helpers.h"

static ssize_t lb_attribute_show(struct device *dev, struct device_attribute *attr, char *page)
{
	struct lb_attribute *attribute = container_of(attr, struct lb_attribute, attr);

	return attribute->show(attribute->data, attr->attr.name, page);
}

static ssize_t lb_attribute_store(struct device *dev, struct device_attribute *attr, const char *text, size_t length)
{
	struct lb_attribute *attribute = container_of(attr, struct lb_attribute, attr);

	return attribute->store(attribute->data, attr->attr.name, text, length);
}

struct attribute *lb_attribute_init(struct lb_attribute *attribute, const char *name, umode_t mode,
				    ssize_t (*show)(void *, const char *, char *),
				    ssize_t (*store)(void *, const char *, const char *, size_t), void *data)
{
	sysfs_attr_init(&attribute->attr.attr);
	attribute->attr.attr.name = name;
	attribute->attr.attr.mode = mode;
	attribute->attr.show = lb_attribute_show;
	attribute->attr.store = lb_attribute_store;
	attribute->show = show;
	attribute->store = store;
	attribute->data = data;
	return &attribute->attr.attr;
}

void lb_attribute_group_init(struct attribute_group *group, const char *name, struct attribute **list)
{
	group->name = name;
	group->attrs = list;
}

int lb_device_add_group(struct device *dev, const struct attribute_group *group)
{
	return sysfs_create_group(&dev->kobj, group);
}

void lb_device_remove_group(struct device *dev, const struct attribute_group *group)
{
	sysfs_remove_group(&dev->kobj, group);
}
