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
 * unregisters every client that it finds. C leaves it to their authors that these two do not meet.
 *
 * Here they meet at the adapter's list of clients that users have made (new_device, delete_device). The removal empties
 * it under its lock before it looks for other clients. So the client is entered there, and who takes it off the list,
 * with the lock held, unregisters it. While the lock is held the removal cannot go on to other clients.
 *
 * A removal that began before the client was on the list may have left the list behind, so its number is looked up
 * afterwards: i2c_del_adapter() makes the number name nothing before all else.
 *
 * The lock is also held by delete_device while it unregisters a client, which waits for that client's device lock. Our
 * callers hold device locks. So they only try to take it, and leave what they cannot do to a work item.
 */
struct lb_i2c_client {
	struct i2c_client *client;	/* referenced */
	struct i2c_adapter *adapter;	/* referenced while the client is made, and until the work is done */
	int nr;
	bool listed;			/* was entered in the list */
	bool settled;			/* .. before the adapter's removal, if any, began */
	bool done;			/* the work is */
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

/* Takes the client off the list, if it is there. The lock is held. */
static bool lb_i2c_take(struct lb_i2c_client *c)
{
	struct i2c_client *client;

	list_for_each_entry(client, &c->adapter->userspace_clients, detected) {
		if (client == c->client) {
			list_del(&client->detected);
			return true;
		}
	}
	return false;
}

static void lb_i2c_free(struct lb_i2c_client *c)
{
	if (c->client)
		put_device(&c->client->dev);
	kfree(c);
}

/* --- the work item --- */

/* Ends a client whose adapter was being removed before the client was on the list; false if it is not time yet. */
static bool lb_i2c_settle_late(struct lb_i2c_client *c)
{
	/* The removal has found it. */
	if (!device_is_registered(&c->client->dev))
		return true;
	/* The removal has not found it, and looks no more. */
	if (!device_is_registered(&c->adapter->dev)) {
		i2c_unregister_device(c->client);
		return true;
	}
	return false;
}

static bool lb_i2c_settle(struct lb_i2c_client *c)
{
	bool mine, held;

	mutex_lock_nested(&c->adapter->userspace_clients_lock, i2c_adapter_depth(c->adapter));
	mine = lb_i2c_take(c);
	/* A user has deleted it, or the removal has come across it. */
	if (c->listed && !mine) {
		mutex_unlock(&c->adapter->userspace_clients_lock);
		return true;
	}
	c->listed = false;
	held = !c->settled && lb_i2c_hold(c);
	if (c->settled || held)
		i2c_unregister_device(c->client);
	mutex_unlock(&c->adapter->userspace_clients_lock);
	if (held)
		i2c_put_adapter(c->adapter);
	return c->settled || held || lb_i2c_settle_late(c);
}

static void lb_i2c_work(struct work_struct *work)
{
	struct lb_i2c_client *c = container_of(work, struct lb_i2c_client, work);

	while (!lb_i2c_settle(c))
		msleep(10);
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
	INIT_WORK(&c->work, lb_i2c_work);
	queue_work(system_long_wq, &c->work);
	mutex_lock(&lb_i2c_left_lock);
	list_add_tail(&c->left, &lb_i2c_left);
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

/* References the client that this task adds, before anybody could remove it. */
static int lb_i2c_added(struct notifier_block *nb, unsigned long action, void *data)
{
	struct lb_i2c_client *c = container_of(nb, struct lb_i2c_client, added);

	if (action == BUS_NOTIFY_ADD_DEVICE && c->maker == current && !c->client) {
		c->client = i2c_verify_client(data);
		if (c->client)
			get_device(&c->client->dev);
	}
	return NOTIFY_DONE;
}

static int lb_i2c_make(struct lb_i2c_client *c, const struct i2c_board_info *info)
{
	struct i2c_client *client;
	int err;

	c->maker = current;
	c->added.notifier_call = lb_i2c_added;
	err = bus_register_notifier(&i2c_bus_type, &c->added);
	if (err)
		return err;
	client = i2c_new_client_device(c->adapter, info);
	bus_unregister_notifier(&i2c_bus_type, &c->added);
	return PTR_ERR_OR_ZERO(client);
}

static int lb_i2c_list(struct lb_i2c_client *c)
{
	if (!lb_i2c_trylock(c->adapter))
		return -EBUSY;
	list_add_tail(&c->client->detected, &c->adapter->userspace_clients);
	c->listed = true;
	mutex_unlock(&c->adapter->userspace_clients_lock);
	if (!lb_i2c_hold(c))
		return -ENODEV;
	i2c_put_adapter(c->adapter);
	c->settled = true;
	return 0;
}

/* May sleep; the adapter is referenced. ERR_PTR() on failure, and then the client is gone, or about to be. */
struct lb_i2c_client *lb_i2c_register(struct i2c_adapter *adapter, const struct i2c_board_info *info)
{
	struct lb_i2c_client *c = kzalloc(sizeof(*c), GFP_KERNEL);
	int err;

	if (!c)
		return ERR_PTR(-ENOMEM);
	c->adapter = adapter;
	c->nr = adapter->nr;
	if (!lb_i2c_hold(c)) {
		kfree(c);
		return ERR_PTR(-ENODEV);
	}
	err = lb_i2c_make(c, info);
	if (err)
		goto free;
	err = lb_i2c_list(c);
	if (err) {
		lb_i2c_leave(c);
		return ERR_PTR(err);
	}
	i2c_put_adapter(adapter);
	return c;
free:
	i2c_put_adapter(adapter);
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
	if (!lb_i2c_trylock(c->adapter)) {
		lb_i2c_leave(c);
		return;
	}
	if (lb_i2c_take(c))
		i2c_unregister_device(c->client);
	mutex_unlock(&c->adapter->userspace_clients_lock);
	i2c_put_adapter(c->adapter);
	lb_i2c_free(c);
}
