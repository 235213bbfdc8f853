// SPDX-License-Identifier: GPL-2.0
#include <linux/i2c.h>
#include <linux/module.h>

#include "helpers.h"

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

/* C also matches the name of a client that a user has made with the strings of an OF table. */
const struct of_device_id *lb_i2c_of_match_device(const struct of_device_id *ids, struct i2c_client *client)
{
	return i2c_of_match_device(ids, client);
}
