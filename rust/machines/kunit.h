/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the crate's own tests use in a kernel with CONFIG_KUNIT; see rust/kernel/kunit.rs.
 */
#ifndef LIFEBOUND_KUNIT_H
#define LIFEBOUND_KUNIT_H

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/device.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/* kunit.c */
bool lb_kunit_in_test(void);
void lb_kunit_enter(struct kunit *test);
void lb_kunit_leave(void);
bool lb_kunit_fail(const char *file, int file_len, int line, const char *text, int len);
unsigned int lb_kunit_fail_nth(unsigned int nth);

/* A thread of a test. */
struct lb_kunit_thread {
	struct task_struct *task;
	struct completion done;
	void (*run)(void *arg);
	void *arg;
};

int lb_kunit_thread_start(struct lb_kunit_thread *thread, void (*run)(void *arg), void *arg);
void lb_kunit_thread_join(struct lb_kunit_thread *thread);
int lb_kunit_count_logged(const char *text);

/*
 * kunit_bus.c: a bus without hardware. A device names its driver; a driver matches by the part of
 * its own name before the dot. The bus and the tests write what happens to a device into its log,
 * one word each.
 */
struct lb_kunit_device {
	struct device dev;
	/* The name of the driver that is to bind the device. */
	const char *driver;
	/* What the test's driver does with this device; the bus does not look at it. */
	int mode;
	/* The result of setting up DMA, which the core does before the driver's probe. */
	int dma_error;
	/* Protects the log. */
	spinlock_t lock;
	char log[256];
};

struct lb_kunit_driver {
	struct device_driver driver;
	int (*probe)(struct lb_kunit_device *device);
	void (*remove)(struct lb_kunit_device *device);
};

extern const struct bus_type lb_kunit_bus;

int lb_kunit_bus_register(void);
void lb_kunit_bus_unregister(void);
bool lb_kunit_is_device(const struct device *dev);
struct lb_kunit_device *lb_kunit_device_new(const char *driver, int mode, struct device *parent);
int lb_kunit_device_add(struct lb_kunit_device *device);
void lb_kunit_note(struct lb_kunit_device *device, const char *word, int len);
int lb_kunit_read_log(struct lb_kunit_device *device, char *buf, int size);
int lb_kunit_driver_register(struct lb_kunit_driver *driver, struct module *owner, const char *name);
void lb_kunit_driver_unregister(struct lb_kunit_driver *driver);
int lb_kunit_attach(struct lb_kunit_device *device);

#endif
