// SPDX-License-Identifier: GPL-2.0
#include <linux/i2c.h>
#include <linux/module.h>
#include <linux/of_device.h>
#include <linux/string.h>

#include "helpers.h"

bool lb_is_i2c_client(const struct device *dev)
{
	return i2c_verify_client((struct device *)dev);
}

int lb_i2c_register_driver(struct i2c_driver *drv, struct module *owner, const char *name)
{
	drv->driver.name = name;
	return i2c_register_driver(owner, drv);
}

/*
 * Takes the references that i2c_get_adapter() takes, for an adapter that the caller has. A look-up
 * by number would not find an adapter that is being removed.
 */
void lb_i2c_adapter_get(struct i2c_adapter *adapter)
{
	get_device(&adapter->dev);
	__module_get(adapter->owner);
}

u32 lb_i2c_get_functionality(struct i2c_adapter *adapter)
{
	return i2c_get_functionality(adapter);
}

/*
 * Returns the entry that C has matched: the entry of the client's node or, for a client that a user
 * has made, the entry with its name. In a kernel with device trees, C compares names as sysfs does,
 * with and without the vendor. Kernels after 6.12 do not export the function for this.
 */
const struct of_device_id *lb_i2c_of_match_device(const struct of_device_id *ids, struct i2c_client *client)
{
	const struct of_device_id *id = of_match_device(ids, &client->dev);
	const char *comma;

	if (id || !IS_ENABLED(CONFIG_OF))
		return id;
	for (id = ids; id->compatible[0]; id++) {
		comma = strchr(id->compatible, ',');
		if (sysfs_streq(client->name, id->compatible) || (comma && sysfs_streq(client->name, comma + 1)))
			return id;
	}
	return NULL;
}
