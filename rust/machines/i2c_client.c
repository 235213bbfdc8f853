// SPDX-License-Identifier: GPL-2.0
#include <linux/delay.h>
#include <linux/device/bus.h>
#include <linux/err.h>
#include <linux/i2c.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "machines.h"

/*
 * A client that the module has made on somebody's adapter. Two may end it: the module, and the adapter's removal, which
 * unregisters every client that it finds. C leaves it to their authors that these two do not meet, and that nobody makes
 * a client while the adapter goes: the removal deletes the adapter's device, and with it the directory of such a client.
 *
 * Here they meet at the adapter's list of clients that users have made (new_device, delete_device), under its lock. This is
 * C because the list, the lock and the notifier are C's, and all that is done with them is C's macros and inline functions.
 *
 *	the adapter's removal (i2c_del_adapter())	this file
 *
 *	r1. the number names no adapter any more	m1. take the lock
 *	r2. take the lock				m2. look the number up: none, or another adapter: give up
 *	r3. end each client on the list, off it		m3. make the client, add it to the list
 *	r4. give up the lock				m4. give up the lock, and have the client probed
 *	r5. end all other clients			e1. look the number up: none, or another: the removal ends it
 *	r6. delete the adapter's device			e2. try to take the lock: if not, leave e3 to a work item
 *							e3. if the client is on the list: off it, end it; give up the lock
 *
 * Invariants
 *
 * CLIENT-LISTED: a client of ours is on the list from m3 until its ender takes it off, with the lock held. So it is ended
 * once, by the module (e3), by the removal (r3) or by delete_device.
 *
 * CLIENT-BEFORE: a client is only made while r2 still has to come: m2 finds the adapter after m1, so r1 is later, and r2
 * waits for m4.
 *
 * CLIENT-NAMELESS: a client has no name before m4, so no driver matches it. Probing may take long, and the driver may make
 * clients on the same adapter: that needs the lock.
 *
 * CLIENT-KEPT: a struct lb_i2c_client has a reference to its client. It has one to the adapter only while it is made, and
 * from e2 to e3 if these are apart, so that it does not hold the removal up.
 *
 * CLIENT-TRIED: who holds a device lock only tries to take the adapter's. delete_device holds that while it unregisters a
 * client, which waits for the client's device lock.
 */
struct lb_i2c_client {
	struct i2c_client *client;
	struct i2c_adapter *adapter;
	int nr;
	char name[I2C_NAME_SIZE];
	struct task_struct *maker;
	struct notifier_block added;
};

/* m2, e1: references the adapter, unless it is being removed, or its module unloaded, which removes it. */
static bool lb_i2c_hold(const struct lb_i2c_client *c)
{
	struct i2c_adapter *adapter = i2c_get_adapter(c->nr);

	if (adapter == c->adapter)
		return adapter;
	i2c_put_adapter(adapter);
	return false;
}

static bool lb_i2c_trylock(struct i2c_adapter *adapter)
{
	int attempts;

	/* new_device holds it for a moment only. */
	for (attempts = 0; attempts < 10; attempts++) {
		if (mutex_trylock(&adapter->userspace_clients_lock))
			return true;
		usleep_range(1000, 2000);
	}
	return false;
}

/* e3: ends the client, unless somebody has ended it. The lock is held. */
static void lb_i2c_end(struct lb_i2c_client *c)
{
	struct i2c_client *client;

	list_for_each_entry(client, &c->adapter->userspace_clients, detected) {
		if (client == c->client) {
			list_del(&client->detected);
			i2c_unregister_device(client);
			return;
		}
	}
}

void lb_i2c_free(struct lb_i2c_client *c)
{
	if (c->client)
		put_device(&c->client->dev);
	kfree(c);
}

/* --- the beginning --- */

/* References the client that this task adds, before anybody could remove it, and takes its name. */
static int lb_i2c_added(struct notifier_block *nb, unsigned long action, void *data)
{
	struct lb_i2c_client *c = container_of(nb, struct lb_i2c_client, added);

	if (action == BUS_NOTIFY_ADD_DEVICE && c->maker == current && !c->client) {
		c->client = i2c_verify_client(data);
		if (c->client) {
			get_device(&c->client->dev);
			memcpy(c->name, c->client->name, sizeof(c->name));
			memset(c->client->name, 0, sizeof(c->client->name));
			/* User space would load a driver by that name. */
			dev_set_uevent_suppress(&c->client->dev, 1);
		}
	}
	return NOTIFY_DONE;
}

/* m2 to m3: adds the client, so that it can be probed. The lock is held. */
static int lb_i2c_add(struct lb_i2c_client *c, const struct i2c_board_info *info)
{
	struct i2c_client *client;

	if (!lb_i2c_hold(c))
		return -ENODEV;
	client = i2c_new_client_device(c->adapter, info);
	i2c_put_adapter(c->adapter);
	if (IS_ERR(client))
		return PTR_ERR(client);
	list_add_tail(&client->detected, &c->adapter->userspace_clients);
	memcpy(client->name, c->name, sizeof(c->name));
	dev_set_uevent_suppress(&client->dev, 0);
	kobject_uevent(&client->dev.kobj, KOBJ_ADD);
	return 0;
}

static int lb_i2c_make(struct lb_i2c_client *c, const struct i2c_board_info *info)
{
	int err;

	c->maker = current;
	c->added.notifier_call = lb_i2c_added;
	err = bus_register_notifier(&i2c_bus_type, &c->added);
	if (err)
		return err;
	if (lb_i2c_trylock(c->adapter)) {
		err = lb_i2c_add(c, info);
		mutex_unlock(&c->adapter->userspace_clients_lock);
	} else {
		err = -EBUSY;
	}
	bus_unregister_notifier(&i2c_bus_type, &c->added);
	return err;
}

/* Memory for a client on an adapter; NULL without memory. For lb_i2c_free(). */
struct lb_i2c_client *lb_i2c_alloc(struct i2c_adapter *adapter)
{
	struct lb_i2c_client *c = kzalloc(sizeof(*c), GFP_KERNEL);

	if (c) {
		c->adapter = adapter;
		c->nr = adapter->nr;
	}
	return c;
}

/* May sleep; the caller references the adapter. On failure there is no client. */
int lb_i2c_register(struct lb_i2c_client *c, const struct i2c_board_info *info)
{
	int err;

	if (!lb_i2c_hold(c))
		return -ENODEV;
	err = lb_i2c_make(c, info);
	/* That there is no driver, or that it fails, is no fault of the client's. One that was ended meanwhile is not probed. */
	if (!err && device_attach(&c->client->dev) < 0)
		dev_dbg(&c->client->dev, "not probed\n");
	i2c_put_adapter(c->adapter);
	return err;
}

/* --- the end --- */

/*
 * May sleep. Ends the client, unless it was ended, or its adapter's removal has begun, which ends it. False if somebody
 * holds the lock, or if the end may need that an open() ends in which the caller is, since the client's driver may remove
 * a node. Then lb_i2c_unregister_later() has to be called, once, by a task that may wait.
 */
bool lb_i2c_try_unregister(struct lb_i2c_client *c)
{
	if (!lb_i2c_hold(c))
		return true;
	if (lb_in_misc_open() || !lb_i2c_trylock(c->adapter))
		return false;
	lb_i2c_end(c);
	mutex_unlock(&c->adapter->userspace_clients_lock);
	i2c_put_adapter(c->adapter);
	return true;
}

/* May sleep. Gives up the reference to the adapter that lb_i2c_try_unregister() has left. */
void lb_i2c_unregister_later(struct lb_i2c_client *c)
{
	mutex_lock_nested(&c->adapter->userspace_clients_lock, i2c_adapter_depth(c->adapter));
	lb_i2c_end(c);
	mutex_unlock(&c->adapter->userspace_clients_lock);
	i2c_put_adapter(c->adapter);
}
