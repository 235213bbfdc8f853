// SPDX-License-Identifier: GPL-2.0
/*
 * A driver in C that prints the order in which the driver core binds and unbinds it, and what it
 * still finds in its device. The order must be the same on every kernel. A second driver sets
 * p_cb.post_unbind_rust if the kernel has that field. Otherwise it is the same as the first.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/platform_device.h>

/* The number of the device whose probe fails after it has acquired a resource. */
#define FAILING 1

static int data;

static void say(struct device *dev, const char *what)
{
	pr_info("%s: %s, driver %s, data %s\n", dev_name(dev), what, dev->driver ? "set" : "unset",
		dev_get_drvdata(dev) ? "set" : "unset");
}

static void release_first(void *dev)
{
	say(dev, "devres: first");
}

static void release_second(void *dev)
{
	say(dev, "devres: second");
}

static int c_order_probe(struct platform_device *pdev)
{
	int err;

	say(&pdev->dev, "probe");
	platform_set_drvdata(pdev, &data);
	err = devm_add_action(&pdev->dev, release_first, &pdev->dev);
	if (!err)
		err = devm_add_action(&pdev->dev, release_second, &pdev->dev);
	if (!err && pdev->id == FAILING)
		err = -EIO;
	return err;
}

static void c_order_remove(struct platform_device *pdev)
{
	say(&pdev->dev, "remove");
}

static struct platform_driver plain = {
	.driver = { .name = "c_plain" },
	.probe = c_order_probe,
	.remove = c_order_remove,
};

#ifdef HAVE_POST_UNBIND
static void post_unbind(struct device *dev)
{
	say(dev, "post_unbind");
}
#endif

static struct platform_driver hooked = {
	.driver = {
		.name = "c_hooked",
#ifdef HAVE_POST_UNBIND
		.p_cb.post_unbind_rust = post_unbind,
#endif
	},
	.probe = c_order_probe,
	.remove = c_order_remove,
};

static struct platform_driver * const drivers[] = { &plain, &hooked };
static struct platform_device *devices[6];

static int notify(struct notifier_block *block, unsigned long event, void *pointer)
{
	static const char * const names[] = {
		[BUS_NOTIFY_BIND_DRIVER] = "notified: to be bound",
		[BUS_NOTIFY_BOUND_DRIVER] = "notified: bound",
		[BUS_NOTIFY_UNBIND_DRIVER] = "notified: to be unbound",
		[BUS_NOTIFY_UNBOUND_DRIVER] = "notified: unbound",
		[BUS_NOTIFY_DRIVER_NOT_BOUND] = "notified: not bound",
	};
	struct device *dev = pointer;

	if (!strncmp(dev_name(dev), "c_plain", 7) || !strncmp(dev_name(dev), "c_hooked", 8))
		if (event < ARRAY_SIZE(names) && names[event])
			say(dev, names[event]);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = notify };

/* The devices 0 are unbound because they are removed, the devices 2 because their driver is. */
static void __exit c_order_exit(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(drivers); i++) {
		platform_device_unregister(devices[3 * i]);
		platform_driver_unregister(drivers[i]);
		platform_device_unregister(devices[3 * i + 1]);
		platform_device_unregister(devices[3 * i + 2]);
	}
	bus_unregister_notifier(&platform_bus_type, &notifier);
}

static int __init c_order_init(void)
{
	int i, err;

#ifdef HAVE_MARKER
	/* With this reference, a kernel without the callback does not load the module. */
	pr_info("marker %d\n", lifebound_post_unbind_marker);
#endif
#ifdef HAVE_POST_UNBIND
	pr_info("built for a core with the callback\n");
#endif
	err = bus_register_notifier(&platform_bus_type, &notifier);
	if (err)
		return err;
	err = platform_register_drivers(drivers, ARRAY_SIZE(drivers));
	if (err)
		goto undo_notifier;
	for (i = 0; i < ARRAY_SIZE(devices); i++) {
		devices[i] = platform_device_register_simple(drivers[i / 3]->driver.name, i % 3, NULL, 0);
		if (IS_ERR(devices[i])) {
			err = PTR_ERR(devices[i]);
			goto undo_devices;
		}
	}
	return 0;

undo_devices:
	while (i--)
		platform_device_unregister(devices[i]);
	platform_unregister_drivers(drivers, ARRAY_SIZE(drivers));
undo_notifier:
	bus_unregister_notifier(&platform_bus_type, &notifier);
	return err;
}

module_init(c_order_init);
module_exit(c_order_exit);
MODULE_DESCRIPTION("Says in which order the driver core calls a driver");
MODULE_LICENSE("GPL");
