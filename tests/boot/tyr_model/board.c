// SPDX-License-Identifier: GPL-2.0
/*
 * The board of the model: a platform device for the driver tyr, with registers in memory that the
 * command line keeps from the kernel (memmap=2M$0x1e000000). The registers are answered by gpu.c,
 * supplies and clocks are in supplies.c.
 *
 * Parameters, to be written:
 *
 *	board		add, add polled (without interrupt), add bare (without optional clocks);
 *			del. The device may not be suspended at runtime, until power/control
 *			is written
 *	log		anything: forgets what has happened
 *	spurious	events that happen on their own
 *
 * To be read: log, what has happened, one word each, in order; balanced, whether nobody uses a
 * supply or a clock; dma_mask, what the driver has said of the device's addresses.
 *
 * For the next events: reset_ms, on_ms, off_ms, how long reset, power-up and power-down take, or
 * never if negative; gpu_id, mmu_features; gone, when nothing answers any more: info, reset or
 * power; fail and fail_off, which of supplies and clocks fail to go on or off; watch, whether each
 * write is seen at once, for which it takes a while to go on and off; else writes are found after a
 * fraction of a millisecond.
 */
#include <linux/atomic.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/pm_runtime.h>
#include <linux/string.h>

#include "model.h"

#define BASE	0x1e000000
#define SIZE	0x200000

int reset_ms;
module_param(reset_ms, int, 0600);
int on_ms;
module_param(on_ms, int, 0600);
int off_ms;
module_param(off_ms, int, 0600);
unsigned int gpu_id = 0xa0070000;
module_param(gpu_id, uint, 0600);
unsigned int mmu_features = 0x2830;
module_param(mmu_features, uint, 0600);
bool watch_writes = true;
module_param_named(watch, watch_writes, bool, 0600);
char gone[16];
module_param_string(gone, gone, sizeof(gone), 0600);
char fail[16];
module_param_string(fail, fail, sizeof(fail), 0600);
char fail_off[16];
module_param_string(fail_off, fail_off, sizeof(fail_off), 0600);

static DEFINE_MUTEX(board_lock);
static struct platform_device *parent;
static struct platform_device *device;

static struct {
	const char *what;
	u32 value;
} notes[4096];
static atomic_t noted = ATOMIC_INIT(0);

void note(const char *what, u32 value)
{
	int n = atomic_inc_return(&noted) - 1;

	if (n >= ARRAY_SIZE(notes))
		return;
	notes[n].value = value;
	WRITE_ONCE(notes[n].what, what);
}

/* Whether the parameter, which has a newline if it was written by echo, says so. */
bool is_named(const char *names, const char *name)
{
	return sysfs_streq(names, name);
}

static int log_get(char *text, const struct kernel_param *kp)
{
	int n, end = min_t(int, atomic_read(&noted), ARRAY_SIZE(notes)), length = 0;

	for (n = 0; n < end; n++) {
		const char *what = READ_ONCE(notes[n].what);

		length += scnprintf(text + length, PAGE_SIZE - length, "%s", n ? " " : "");
		length += scnprintf(text + length, PAGE_SIZE - length, what ?: "?", notes[n].value);
	}
	return length + scnprintf(text + length, PAGE_SIZE - length, "\n");
}

static int log_set(const char *text, const struct kernel_param *kp)
{
	memset(notes, 0, sizeof(notes));
	atomic_set(&noted, 0);
	return 0;
}

static int balanced_get(char *text, const struct kernel_param *kp)
{
	return scnprintf(text, PAGE_SIZE, "%c\n", supplies_balanced() ? 'Y' : 'N');
}

static int dma_mask_get(char *text, const struct kernel_param *kp)
{
	int length = -ENODEV;

	mutex_lock(&board_lock);
	if (device)
		length = scnprintf(text, PAGE_SIZE, "%#llx %#llx\n", dma_get_mask(&device->dev),
				   device->dev.coherent_dma_mask);
	mutex_unlock(&board_lock);
	return length;
}

static int spurious_set(const char *text, const struct kernel_param *kp)
{
	unsigned int events;
	int err = kstrtouint(text, 0, &events);

	if (!err)
		gpu_spurious(events);
	return err;
}

static int board_add(bool irq, bool optional)
{
	struct resource resources[] = {
		DEFINE_RES_MEM(BASE, SIZE),
		DEFINE_RES_IRQ_NAMED(gpu_irq(), "gpu"),
	};
	struct platform_device *pdev;
	int err;

	if (device)
		return -EBUSY;
	err = supplies_start(&parent->dev, optional);
	if (err)
		return err;
	err = -ENOMEM;
	pdev = platform_device_alloc(DEVICE_NAME, PLATFORM_DEVID_NONE);
	if (!pdev)
		goto end;
	pdev->dev.parent = &parent->dev;
	err = platform_device_add_resources(pdev, resources, irq ? 2 : 1);
	if (err)
		goto put;
	/* power/control in sysfs is "on", until a test says otherwise. */
	pm_runtime_forbid(&pdev->dev);
	err = platform_device_add(pdev);
	if (err)
		goto put;
	device = pdev;
	return 0;

put:
	platform_device_put(pdev);
end:
	supplies_end();
	return err;
}

static int board_del(void)
{
	if (!device)
		return -ENODEV;
	platform_device_unregister(device);
	device = NULL;
	/* C warns of supplies that go while they are in use. They stay, and so does this module. */
	if (supplies_balanced())
		supplies_end();
	return 0;
}

static int board_set(const char *text, const struct kernel_param *kp)
{
	int err = -EINVAL;

	mutex_lock(&board_lock);
	if (sysfs_streq(text, "add"))
		err = board_add(true, true);
	else if (sysfs_streq(text, "add polled"))
		err = board_add(false, true);
	else if (sysfs_streq(text, "add bare"))
		err = board_add(true, false);
	else if (sysfs_streq(text, "del"))
		err = board_del();
	mutex_unlock(&board_lock);
	return err;
}

static const struct kernel_param_ops board_ops = { .set = board_set };
static const struct kernel_param_ops log_ops = { .set = log_set, .get = log_get };
static const struct kernel_param_ops balanced_ops = { .get = balanced_get };
static const struct kernel_param_ops dma_mask_ops = { .get = dma_mask_get };
static const struct kernel_param_ops spurious_ops = { .set = spurious_set };

module_param_cb(board, &board_ops, NULL, 0200);
module_param_cb(log, &log_ops, NULL, 0600);
module_param_cb(balanced, &balanced_ops, NULL, 0400);
module_param_cb(dma_mask, &dma_mask_ops, NULL, 0400);
module_param_cb(spurious, &spurious_ops, NULL, 0200);

static int __init start(void)
{
	int err;

	parent = platform_device_register_simple("tyr_model", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(parent))
		return PTR_ERR(parent);
	err = gpu_start();
	if (err)
		platform_device_unregister(parent);
	return err;
}

static void __exit end(void)
{
	board_del();
	gpu_end();
	platform_device_unregister(parent);
}

module_init(start);
module_exit(end);
MODULE_DESCRIPTION("A model of an Arm Mali GPU");
MODULE_LICENSE("GPL");
