// SPDX-License-Identifier: GPL-2.0
#include <linux/atomic.h>
#include <linux/serdev.h>
#include <linux/wait_bit.h>

#include "helpers.h"

int lb_serdev_register_driver(struct serdev_device_driver *drv, struct module *owner, const char *name)
{
	drv->driver.name = name;
	return __serdev_device_driver_register(drv, owner);
}

void lb_serdev_unregister_driver(struct serdev_device_driver *drv)
{
	serdev_device_driver_unregister(drv);
}

int lb_serdev_open(struct serdev_device *serdev, const struct serdev_device_ops *ops)
{
	serdev_device_set_client_ops(serdev, ops);
	return serdev_device_open(serdev);
}

/* Waits until no bit of `mask` is set in `word`. */
void lb_wait_until_clear(u32 *word, u32 mask)
{
	wait_var_event(word, !(smp_load_acquire(word) & mask));
}

/* Wakes those who wait for `word`, which the caller has changed. */
void lb_wake_waiters(u32 *word)
{
	smp_mb();
	wake_up_var(word);
}
