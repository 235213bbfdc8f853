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
 * A client that the module has made on an adapter of another driver. Two may end the client:
 *
 *   - the module;
 *   - the adapter's removal, which unregisters every client that it finds.
 *
 * C leaves two things to their authors. The module and the removal must not end a client at the
 * same time. And nobody may make a client while the adapter is being removed: the removal deletes
 * the adapter's device, and with it the directory of such a client.
 *
 * Here both take one lock. The adapter has a list of the clients that users have made by new_device
 * and unmake by delete_device. The client is put on this list, and the list's lock is taken to make
 * and to end it. This is C because the list, the lock and the notifier are C's, and are used by
 * macros and inline functions.
 *
 * The adapter's removal, i2c_del_adapter():
 *
 *	r1. The adapter's number stops naming it.
 *	r2. Take the list's lock.
 *	r3. Take each client off the list, and unregister it.
 *	r4. Release the lock.
 *	r5. Unregister all other clients.
 *	r6. Delete the adapter's device.
 *
 * This file makes a client:
 *
 *	m1. Take the list's lock.
 *	m2. Look the number up. If it does not name this adapter, fail.
 *	m3. Make the client, and add it to the list.
 *	m4. Release the lock, and have the client probed.
 *
 * This file ends a client:
 *
 *	e1. Look the number up. If it does not name this adapter, return: the removal ends it.
 *	e2. Try to take the list's lock. If another task holds it, leave e3 to a work item.
 *	e3. If the client is on the list, take it off and unregister it. Release the lock.
 *
 * Invariants
 *
 * Owner: the caller of lb_i2c_alloc() owns the struct lb_i2c_client, and gives it to lb_i2c_free()
 * once. It calls lb_i2c_register() once, and one of the enders at a time.
 *
 * Fields: the adapter's userspace_clients_lock protects the list, and the client's entry in it. The
 * owner alone uses the struct lb_i2c_client. While `added` is registered, the notifier uses it too:
 * the notifier ignores all tasks but `maker`, which is the owner's.
 *
 * Calls: all functions may sleep. A caller of lb_i2c_register() has a reference to the adapter.
 * A caller of lb_i2c_unregister_later() holds no device lock (CLIENT-TRIED).
 *
 * CLIENT-LISTED: a client that this file has made is on the list from m3 until an ender takes it
 * off with the lock held. So it is ended once: by the module (e3), the removal (r3) or
 * delete_device.
 *
 * CLIENT-BEFORE: a client is made only before r2. m2 finds the adapter after m1 took the lock. So
 * r1 comes after m2, and r2 waits for m4.
 *
 * CLIENT-NAMELESS: a client has no name from m3 until the lock is about to be released in m4, so no
 * driver matches it. Probing may take long, and the driver may make clients on the same adapter,
 * which takes the lock.
 *
 * CLIENT-KEPT: a struct lb_i2c_client has a reference to its client. It has a reference to the
 * adapter in two cases only, so that it does not delay the removal: while the client is made, and
 * from e2 to e3.
 *
 * CLIENT-TRIED: a task that may hold a device lock only tries to take the list's lock.
 * delete_device holds the list's lock while it unregisters a client, which waits for the client's
 * device lock.
 */
struct lb_i2c_client {
	struct i2c_client *client;
	struct i2c_adapter *adapter;
	int nr;
	char name[I2C_NAME_SIZE];
	struct task_struct *maker;
	struct notifier_block added;
};

/*
 * m2, e1: takes a reference to the adapter. False if the adapter is being removed, or its module
 * unloaded, which removes it.
 */
static bool lb_i2c_hold(const struct lb_i2c_client *c)
{
	struct i2c_adapter *adapter = i2c_get_adapter(c->nr);

	if (adapter == c->adapter)
		return adapter;
	i2c_put_adapter(adapter);
	return false;
}

/* CLIENT-TRIED: tries for 10 to 20 ms to take the list's lock. */
static bool lb_i2c_trylock(struct i2c_adapter *adapter)
{
	int attempts;

	/* new_device holds the lock for a moment only. */
	for (attempts = 0; attempts < 10; attempts++) {
		if (mutex_trylock(&adapter->userspace_clients_lock))
			return true;
		usleep_range(1000, 2000);
	}
	return false;
}

/* e3: ends the client, unless it was ended before. The caller holds the list's lock. */
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

/* Frees the memory. The client, if there was one, has been ended, or the removal ends it. */
void lb_i2c_free(struct lb_i2c_client *c)
{
	if (c->client)
		put_device(&c->client->dev);
	kfree(c);
}

/* --- the beginning --- */

/*
 * Takes a reference to the client that this task adds, and takes the client's name away. C calls
 * this before anybody can remove the client.
 */
static int lb_i2c_added(struct notifier_block *nb, unsigned long action, void *data)
{
	struct lb_i2c_client *c = container_of(nb, struct lb_i2c_client, added);

	if (action == BUS_NOTIFY_ADD_DEVICE && c->maker == current && !c->client) {
		c->client = i2c_verify_client(data);
		if (c->client) {
			get_device(&c->client->dev);
			memcpy(c->name, c->client->name, sizeof(c->name));
			memset(c->client->name, 0, sizeof(c->client->name));
			/* With the event, user space would load a driver by that name. */
			dev_set_uevent_suppress(&c->client->dev, 1);
		}
	}
	return NOTIFY_DONE;
}

/* m2 and m3: adds the client. The caller holds the list's lock. */
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

/* Returns memory for a client on the adapter, for lb_i2c_free(); NULL without memory. */
struct lb_i2c_client *lb_i2c_alloc(struct i2c_adapter *adapter)
{
	struct lb_i2c_client *c = kzalloc(sizeof(*c), GFP_KERNEL);

	if (c) {
		c->adapter = adapter;
		c->nr = adapter->nr;
	}
	return c;
}

/* Makes the client. If this fails, there is no client. Context: process context; may sleep. */
int lb_i2c_register(struct lb_i2c_client *c, const struct i2c_board_info *info)
{
	int err;

	if (!lb_i2c_hold(c))
		return -ENODEV;
	err = lb_i2c_make(c, info);
	/*
	 * This succeeds even if there is no driver, or its probe fails. A client that was ended
	 * meanwhile is not probed.
	 */
	if (!err && device_attach(&c->client->dev) < 0)
		dev_dbg(&c->client->dev, "not probed\n");
	i2c_put_adapter(c->adapter);
	return err;
}

/* --- the end --- */

/*
 * Ends the client, unless it was ended before. If the adapter's removal has begun, the removal ends
 * the client. Returns false, and ends nothing, in two cases:
 *
 *   - Another task holds the list's lock.
 *   - The caller is in the open() of a misc device. The client's driver may remove a node, and that
 *     waits until the open() has returned.
 *
 * Then a task that holds no device lock must call lb_i2c_unregister_later(), once.
 *
 * Context: process context; may sleep.
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

/*
 * Ends the client after lb_i2c_try_unregister() returned false, and gives up the reference to the
 * adapter that it has kept. Context: process context; may sleep.
 */
void lb_i2c_unregister_later(struct lb_i2c_client *c)
{
	mutex_lock_nested(&c->adapter->userspace_clients_lock, i2c_adapter_depth(c->adapter));
	lb_i2c_end(c);
	mutex_unlock(&c->adapter->userspace_clients_lock);
	i2c_put_adapter(c->adapter);
}
