// SPDX-License-Identifier: GPL-2.0
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "machines.h"

#if IS_ENABLED(CONFIG_KUNIT)

/*
 * A bus without hardware, for the tests of what the core and the crate do at a binding.
 *
 * Invariants
 *
 * Owner: the caller of lb_kunit_device_new() owns one reference to the device, which put_device()
 * gives up. The caller of lb_kunit_driver_register() owns the struct lb_kunit_driver, which stays
 * in place until lb_kunit_driver_unregister() has returned.
 *
 * Fields: `lock` of a device protects its `log`. `driver`, `mode` and `dma_error` do not change
 * after lb_kunit_device_add().
 *
 * Calls: lb_kunit_is_device() has no requirements. lb_kunit_note() and lb_kunit_read_log() may be
 * called in any context but NMI. All other functions may sleep.
 *
 * KUNIT-HOLDS: a device holds the module from its making until its release function has run.
 *
 * KUNIT-NAMES: the name of a driver is never used again, and stays as long as the module.
 */

/* The number of registrations of drivers while the module is loaded. */
#define LB_KUNIT_REGISTRATIONS 1000

#define to_kunit_device(d) container_of(d, struct lb_kunit_device, dev)
#define to_kunit_driver(d) container_of_const(d, struct lb_kunit_driver, driver)

void lb_kunit_note(struct lb_kunit_device *device, const char *word, int len)
{
	unsigned long flags;
	size_t used;

	spin_lock_irqsave(&device->lock, flags);
	used = strlen(device->log);
	scnprintf(device->log + used, sizeof(device->log) - used, "%s%.*s", used ? " " : "", len, word);
	spin_unlock_irqrestore(&device->lock, flags);
}

static void note(struct lb_kunit_device *device, const char *word)
{
	lb_kunit_note(device, word, strlen(word));
}

/*
 * Copies the log's text, without a zero byte at its end, and empties the log. Returns the number of
 * bytes.
 */
int lb_kunit_read_log(struct lb_kunit_device *device, char *buf, int size)
{
	unsigned long flags;
	int len;

	spin_lock_irqsave(&device->lock, flags);
	len = strnlen(device->log, min_t(int, size, sizeof(device->log)));
	memcpy(buf, device->log, len);
	device->log[0] = 0;
	spin_unlock_irqrestore(&device->lock, flags);
	return len;
}

static int lb_kunit_match(struct device *dev, const struct device_driver *drv)
{
	const char *want = to_kunit_device(dev)->driver;
	size_t len = strlen(want);

	return !strncmp(drv->name, want, len) && drv->name[len] == '.';
}

static int lb_kunit_probe(struct device *dev)
{
	return to_kunit_driver(dev->driver)->probe(to_kunit_device(dev));
}

static void lb_kunit_remove(struct device *dev)
{
	to_kunit_driver(dev->driver)->remove(to_kunit_device(dev));
	note(to_kunit_device(dev), "removed");
}

static int lb_kunit_dma_configure(struct device *dev)
{
	return to_kunit_device(dev)->dma_error;
}

/* The core calls this between remove and the release of managed resources. */
static void lb_kunit_dma_cleanup(struct device *dev)
{
	note(to_kunit_device(dev), "cleanup");
}

const struct bus_type lb_kunit_bus = {
	.name = "lifebound_kunit",
	.match = lb_kunit_match,
	.probe = lb_kunit_probe,
	.remove = lb_kunit_remove,
	.dma_configure = lb_kunit_dma_configure,
	.dma_cleanup = lb_kunit_dma_cleanup,
};

/* The release function is code of the module, so a device holds the module. */
static void lb_kunit_release(struct device *dev)
{
	kfree(to_kunit_device(dev));
	module_put(THIS_MODULE);
}

int lb_kunit_bus_register(void)
{
	return bus_register(&lb_kunit_bus);
}

void lb_kunit_bus_unregister(void)
{
	bus_unregister(&lb_kunit_bus);
	/* The last release function gives the module up, and still has to return. */
	msleep(100);
}

bool lb_kunit_is_device(const struct device *dev)
{
	return dev->bus == &lb_kunit_bus;
}

/* Returns a device that is not added yet, for put_device(); NULL without memory. */
struct lb_kunit_device *lb_kunit_device_new(const char *driver, int mode, struct device *parent)
{
	static atomic_t number = ATOMIC_INIT(0);
	struct lb_kunit_device *device = kzalloc(sizeof(*device), GFP_KERNEL);

	if (!device)
		return NULL;
	device_initialize(&device->dev);
	device->dev.bus = &lb_kunit_bus;
	device->dev.parent = parent;
	device->dev.release = lb_kunit_release;
	device->driver = driver;
	device->mode = mode;
	spin_lock_init(&device->lock);
	__module_get(THIS_MODULE);
	if (dev_set_name(&device->dev, "lifebound_kunit.%d", atomic_inc_return(&number))) {
		put_device(&device->dev);
		return NULL;
	}
	return device;
}

int lb_kunit_device_add(struct lb_kunit_device *device)
{
	return device_add(&device->dev);
}

/*
 * Registers a driver under the name, with a number after it. A kernel with DEBUG_KOBJECT_RELEASE
 * releases names late, so a name must not be used again (KUNIT-NAMES).
 */
int lb_kunit_driver_register(struct lb_kunit_driver *driver, struct module *owner, const char *name)
{
	static char names[LB_KUNIT_REGISTRATIONS][32];
	static atomic_t used = ATOMIC_INIT(0);
	int number = atomic_inc_return(&used) - 1;

	if (number >= LB_KUNIT_REGISTRATIONS)
		return -ENOSPC;
	scnprintf(names[number], sizeof(names[number]), "%s.%d", name, number);
	driver->driver.bus = &lb_kunit_bus;
	driver->driver.owner = owner;
	driver->driver.name = names[number];
	return driver_register(&driver->driver);
}

void lb_kunit_driver_unregister(struct lb_kunit_driver *driver)
{
	driver_unregister(&driver->driver);
}

/* Makes the core look for a driver again. Returns 1 if a driver is bound then. */
int lb_kunit_attach(struct lb_kunit_device *device)
{
	return device_attach(&device->dev);
}

#endif
