// SPDX-License-Identifier: GPL-2.0
#include <linux/configfs.h>
#include <linux/mutex.h>

#include "helpers.h"

/*
 * Initialises a group, of zeroes, that nobody knows. Returns false without memory for the name;
 * then there is nothing to undo.
 */
bool lb_configfs_group_init(struct config_group *group, const char *name, const struct config_item_type *type)
{
	config_group_init_type_name(group, name, type);
	return group->cg_item.ci_name;
}

void lb_configfs_subsystem_init(struct configfs_subsystem *subsys)
{
	mutex_init(&subsys->su_mutex);
}
