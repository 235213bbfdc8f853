// SPDX-License-Identifier: GPL-2.0
#include <linux/device.h>
#include <linux/err.h>

#include "machines.h"

/*
 * A faux device: one that has no hardware, and that a driver of the kernel's own is bound to.
 *
 *	create ──> destroy	the module calls these, in this order, once for each device
 *
 * Linux 6.14 and later has a bus for such devices. For older kernels this file makes a platform
 * device, and a driver that is bound to this device alone. This is C because it decides by the
 * target's headers.
 *
 * Invariants
 *
 * FAUX-BOUND: from create to destroy the device is bound. Nobody else can unbind it: its driver has
 * no files for that in sysfs. No function of the module is called for the device, so a device that
 * was never destroyed outlives the module.
 */
#if __has_include(<linux/device/faux.h>)
#include <linux/device/faux.h>

/*
 * Returns a bound device with a reference for the caller, or an error.
 *
 * Context: process context; may sleep.
 */
struct device *lb_faux_create(const char *name, struct device *parent)
{
	struct faux_device *faux = faux_device_create(name, parent, NULL);

	/* C has printed the error, and keeps it to itself. */
	return faux ? get_device(&faux->dev) : ERR_PTR(-ENODEV);
}

/* Unbinds the device and removes it. */
void lb_faux_destroy(struct device *dev)
{
	faux_device_destroy(to_faux_device(dev));
}
#else
#include <linux/platform_device.h>
#include <linux/slab.h>

struct lb_faux {
	struct platform_driver driver;
	char name[];
};

static const char lb_faux_prefix[] = "faux.";

/* A driver without functions, which is bound to the device that names it. */
static struct lb_faux *lb_faux_register_driver(const char *name)
{
	size_t size = sizeof(lb_faux_prefix) + strlen(name);
	struct lb_faux *faux = kzalloc(struct_size(faux, name, size), GFP_KERNEL);
	int err;

	if (!faux)
		return ERR_PTR(-ENOMEM);
	scnprintf(faux->name, size, "%s%s", lb_faux_prefix, name);
	faux->driver.driver.name = faux->name;
	faux->driver.driver.probe_type = PROBE_FORCE_SYNCHRONOUS;
	faux->driver.driver.suppress_bind_attrs = true;
	/* Without an owner the driver's memory has nothing of the module. */
	err = __platform_driver_register(&faux->driver, NULL);
	if (err) {
		kfree(faux);
		return ERR_PTR(err);
	}
	return faux;
}

static void lb_faux_unregister_driver(struct lb_faux *faux)
{
	platform_driver_unregister(&faux->driver);
	kfree(faux);
}

/*
 * Makes the driver of this name the only one that may be bound to the device. The device frees its
 * copy of the name, which is a field of the platform device in an older 6.12.
 */
static int lb_faux_set_driver(struct platform_device *pdev, const char *name)
{
#ifdef LB_DEVICE_DRIVER_OVERRIDE
	return device_set_driver_override(&pdev->dev, name);
#else
	return driver_set_override(&pdev->dev, &pdev->driver_override, name, strlen(name));
#endif
}

static struct platform_device *lb_faux_add_device(const char *name, struct device *parent, struct lb_faux *faux)
{
	struct platform_device *pdev = platform_device_alloc(name, PLATFORM_DEVID_NONE);
	int err;

	if (!pdev)
		return ERR_PTR(-ENOMEM);
	pdev->dev.parent = parent;
	err = lb_faux_set_driver(pdev, faux->name);
	if (!err)
		err = platform_device_add(pdev);
	if (err) {
		platform_device_put(pdev);
		return ERR_PTR(err);
	}
	return pdev;
}

struct device *lb_faux_create(const char *name, struct device *parent)
{
	struct lb_faux *faux = lb_faux_register_driver(name);
	struct platform_device *pdev;

	if (IS_ERR(faux))
		return ERR_CAST(faux);
	pdev = lb_faux_add_device(name, parent, faux);
	if (IS_ERR(pdev)) {
		lb_faux_unregister_driver(faux);
		return ERR_CAST(pdev);
	}
	if (!device_is_bound(&pdev->dev)) {
		platform_device_unregister(pdev);
		lb_faux_unregister_driver(faux);
		return ERR_PTR(-ENODEV);
	}
	return get_device(&pdev->dev);
}

void lb_faux_destroy(struct device *dev)
{
	/* FAUX-BOUND: the device is bound to its own driver. */
	struct lb_faux *faux = container_of(to_platform_driver(dev->driver), struct lb_faux, driver);

	platform_device_unregister(to_platform_device(dev));
	lb_faux_unregister_driver(faux);
}
#endif
