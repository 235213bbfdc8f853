// SPDX-License-Identifier: GPL-2.0
#include <linux/delay.h>
#include <linux/device/bus.h>
#include <linux/err.h>
#include <linux/i2c.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "helpers.h"

/*
 * A client that the module has made on somebody's adapter. Two may end it: the module, and the adapter's removal, which
 * unregisters every client that it finds. C leaves it to their authors that these two do not meet, and that nobody makes
 * a client while the adapter goes: the removal deletes the adapter's device, and with it the directory of such a client.
 *
 * Here they meet at the adapter's list of clients that users have made (new_device, delete_device). The removal makes the
 * adapter's number name nothing, and then empties the list under its lock before it looks for other clients. So the
 * client is made and entered there with the lock held, after the number was looked up; and who takes it off the list,
 * with the lock held, unregisters it. While the lock is held the removal cannot go on.
 *
 * Probing the client may take long, and its driver may make clients on the same adapter: that has to wait until the lock
 * is given up. So the client has no name until then, and no driver matches it.
 *
 * The lock is also held by delete_device while it unregisters a client, which waits for that client's device lock. Our
 * callers hold device locks. So they only try to take it. What they cannot end is left to a work item.
 */
struct lb_i2c_client {
	struct i2c_client *client;	/* referenced */
	struct i2c_adapter *adapter;	/* referenced while the client is made, and until the work is done */
	int nr;
	bool done;			/* the work is */
	char name[I2C_NAME_SIZE];
	struct task_struct *maker;
	struct notifier_block added;
	struct work_struct work;
	struct list_head left;		/* on lb_i2c_left */
	struct lb_scope_entry entry;	/* the module waits for the work before it goes */
};

static LIST_HEAD(lb_i2c_left);
static DEFINE_MUTEX(lb_i2c_left_lock);

/* References the adapter, unless it is being removed, or its module unloaded, which removes it. */
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

/* Ends the client, unless somebody has ended it. The lock is held. */
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

static void lb_i2c_free(struct lb_i2c_client *c)
{
	if (c->client)
		put_device(&c->client->dev);
	kfree(c);
}

/* --- the work item --- */

static void lb_i2c_work(struct work_struct *work)
{
	struct lb_i2c_client *c = container_of(work, struct lb_i2c_client, work);

	mutex_lock_nested(&c->adapter->userspace_clients_lock, i2c_adapter_depth(c->adapter));
	lb_i2c_end(c);
	mutex_unlock(&c->adapter->userspace_clients_lock);
	i2c_put_adapter(c->adapter);
}

/* The module's end waits for the work. */
static void lb_i2c_wait(void *arg)
{
	struct lb_i2c_client *c = arg;

	if (!c->done)
		flush_work(&c->work);
	mutex_lock(&lb_i2c_left_lock);
	list_del_init(&c->left);
	mutex_unlock(&lb_i2c_left_lock);
}

static void lb_i2c_put(void *arg)
{
	lb_i2c_free(arg);
}

/* Leaves the client to the work item, with the caller's reference to the adapter. */
static void lb_i2c_leave(struct lb_i2c_client *c)
{
	c->entry.end = lb_i2c_wait;
	c->entry.put = lb_i2c_put;
	c->entry.arg = c;
	c->entry.put_arg = c;
	INIT_WORK(&c->work, lb_i2c_work);
	queue_work(system_long_wq, &c->work);
	mutex_lock(&lb_i2c_left_lock);
	list_add_tail(&c->left, &lb_i2c_left);
	/* The module's list is never closed. */
	if (!WARN_ON(lb_scope_begin(lb_scope_of_module())))
		lb_scope_add(lb_scope_of_module(), &c->entry);
	mutex_unlock(&lb_i2c_left_lock);
}

/* Takes a client whose work is done. Does not flush it: the caller may hold the lock that the work takes. */
static struct lb_i2c_client *lb_i2c_take_done(void)
{
	struct lb_i2c_client *c, *done = NULL;

	mutex_lock(&lb_i2c_left_lock);
	list_for_each_entry(c, &lb_i2c_left, left) {
		if (!work_busy(&c->work)) {
			done = c;
			done->done = true;
			list_del_init(&done->left);
			break;
		}
	}
	mutex_unlock(&lb_i2c_left_lock);
	return done;
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

/* Adds the client, so that it can be probed. The lock is held. */
static int lb_i2c_add(struct lb_i2c_client *c, const struct i2c_board_info *info)
{
	struct i2c_client *client;

	/* A removal that begins later waits for the lock. */
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

/* May sleep; the adapter is referenced. ERR_PTR() on failure, and then there is no client. */
struct lb_i2c_client *lb_i2c_register(struct i2c_adapter *adapter, const struct i2c_board_info *info)
{
	struct lb_i2c_client *c = kzalloc(sizeof(*c), GFP_KERNEL);
	int err = -ENODEV;

	if (!c)
		return ERR_PTR(-ENOMEM);
	c->adapter = adapter;
	c->nr = adapter->nr;
	if (!lb_i2c_hold(c))
		goto free;
	err = lb_i2c_make(c, info);
	/* That there is no driver, or that it fails, is no fault of the client's. One that was ended meanwhile is not probed. */
	if (!err && device_attach(&c->client->dev) < 0)
		dev_dbg(&c->client->dev, "not probed\n");
	i2c_put_adapter(adapter);
	if (!err)
		return c;
free:
	lb_i2c_free(c);
	return ERR_PTR(err);
}

/* May sleep. Ends the client, unless it was ended, or its adapter's removal has begun, which ends it. */
void lb_i2c_unregister(struct lb_i2c_client *c)
{
	struct lb_i2c_client *done;

	while ((done = lb_i2c_take_done()))
		lb_scope_end_entry(&done->entry);
	if (!lb_i2c_hold(c)) {
		lb_i2c_free(c);
		return;
	}
	/* Its driver may remove a node, for which open() of another has to end first. */
	if (lb_in_misc_open() || !lb_i2c_trylock(c->adapter)) {
		lb_i2c_leave(c);
		return;
	}
	lb_i2c_end(c);
	mutex_unlock(&c->adapter->userspace_clients_lock);
	i2c_put_adapter(c->adapter);
	lb_i2c_free(c);
}
