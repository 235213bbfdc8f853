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

/* What i2c_get_adapter() counts, for an adapter at hand. A lookup by number would miss one that is being removed. */
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
 * Which entry C matched: that of the client's node or, of a client that a user has made, the one with its name. C compares
 * names with and without the vendor, and as sysfs does, if it knows device trees; later kernels than 6.12 keep the function
 * that does so to themselves.
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
