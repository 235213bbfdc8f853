// SPDX-License-Identifier: GPL-2.0
/*
 * What a driver in C would write for each row of `make bench`. bench_rust.rs is the other twin;
 * both print the same names. It is bound to QEMU's `edu`.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/iopoll.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/version.h>
#include <linux/workqueue.h>

#include "measure.h"

struct slot {
	void *buffer;
	dma_addr_t dma;
};

static noinline dma_addr_t map(struct device *dev, void *buffer)
{
	dma_addr_t dma = dma_map_single(dev, buffer, 2048, DMA_FROM_DEVICE);

	return dma_mapping_error(dev, dma) ? DMA_MAPPING_ERROR : dma;
}

static int streaming(struct device *dev)
{
	static const unsigned int sizes[] = { 16, 128, 1024 };
	struct slot *ring, one;
	unsigned int i, n, at;
	char name[32];

	one.buffer = kmalloc(2048, GFP_KERNEL);
	ring = kcalloc(1024, sizeof(*ring), GFP_KERNEL);
	if (!one.buffer || !ring)
		return -ENOMEM;
	MEASURE("map", 100, {
		one.dma = map(dev, one.buffer);
		dma_unmap_single(dev, one.dma, 2048, DMA_FROM_DEVICE);
	});
	MEASURE("slot", 100, {
		one.dma = map(dev, one.buffer);
		dma_unmap_single(dev, one.dma, 2048, DMA_FROM_DEVICE);
	});
	one.dma = map(dev, one.buffer);
	MEASURE("sync", 100, {
		dma_sync_single_for_cpu(dev, one.dma, 2048, DMA_FROM_DEVICE);
		barrier();
		dma_sync_single_for_device(dev, one.dma, 2048, DMA_FROM_DEVICE);
	});
	dma_unmap_single(dev, one.dma, 2048, DMA_FROM_DEVICE);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (n = 0; n < sizes[i]; n++) {
			ring[n].buffer = kmalloc(2048, GFP_KERNEL);
			if (!ring[n].buffer)
				return -ENOMEM;
			ring[n].dma = map(dev, ring[n].buffer);
		}
		at = 0;
		snprintf(name, sizeof(name), "ring_%u", sizes[i]);
		MEASURE(name, 100, {
			dma_unmap_single(dev, ring[at].dma, 2048, DMA_FROM_DEVICE);
			ring[at].dma = map(dev, ring[at].buffer);
			at = at + 1 < n ? at + 1 : 0;
		});
		snprintf(name, sizeof(name), "slots_%u", sizes[i]);
		MEASURE(name, 100, {
			dma_unmap_single(dev, ring[at].dma, 2048, DMA_FROM_DEVICE);
			ring[at].dma = map(dev, ring[at].buffer);
			at = at + 1 < n ? at + 1 : 0;
		});
		for (n = 0; n < sizes[i]; n++) {
			dma_unmap_single(dev, ring[n].dma, 2048, DMA_FROM_DEVICE);
			kfree(ring[n].buffer);
		}
	}
	kfree(ring);
	kfree(one.buffer);
	return 0;
}

static int coherent(struct device *dev)
{
	dma_addr_t dma;
	void *memory;

	MEASURE("coherent", 20, {
		memory = dma_alloc_coherent(dev, 4096, &dma, GFP_KERNEL);
		dma_free_coherent(dev, 4096, memory, dma);
	});
	/* As a driver does that leaves the memory to the device's managed resources. */
	MEASURE("coherent_managed", 20, {
		memory = dmam_alloc_coherent(dev, 4096, &dma, GFP_KERNEL);
		dmam_free_coherent(dev, 4096, memory, dma);
	});
	return 0;
}

static void nothing(void *data)
{
}

/* A value that a handle and the list of managed resources share. */
struct shared {
	struct kref kref;
	struct device *dev;
	struct mutex lock;
	bool gone;
	u64 value;
};

static void shared_free(struct kref *kref)
{
	struct shared *shared = container_of(kref, struct shared, kref);

	put_device(shared->dev);
	kfree(shared);
}

static void shared_release(void *data)
{
	struct shared *shared = data;

	mutex_lock(&shared->lock);
	shared->gone = true;
	mutex_unlock(&shared->lock);
	kref_put(&shared->kref, shared_free);
}

static noinline struct shared *shared_new(struct device *dev, u64 value)
{
	struct shared *shared = kzalloc(sizeof(*shared), GFP_KERNEL);

	if (!shared)
		return NULL;
	kref_init(&shared->kref);
	mutex_init(&shared->lock);
	shared->dev = get_device(dev);
	shared->value = value;
	kref_get(&shared->kref);
	if (devm_add_action(dev, shared_release, shared)) {
		put_device(dev);
		kfree(shared);
		return NULL;
	}
	return shared;
}

static noinline void shared_drop(struct device *dev, struct shared *shared)
{
	devm_release_action(dev, shared_release, shared);
	kref_put(&shared->kref, shared_free);
}

static int managed(struct device *dev)
{
	static const unsigned int sizes[] = { 100, 1000, 5000 };
	unsigned int i, n, first;
	char *data, name[32];
	struct shared *shared;
	u64 start;

	MEASURE("devres", 50, {
		shared = shared_new(dev, round);
		shared_drop(dev, shared);
	});
	data = kmalloc(5001, GFP_KERNEL);
	if (!data)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (n = 0; n < sizes[i]; n++)
			if (devm_add_action(dev, nothing, data + n))
				return -ENOMEM;
		snprintf(name, sizeof(name), "entry_%u", sizes[i]);
		MEASURE(name, 50, {
			if (devm_add_action(dev, nothing, data + n))
				break;
			devm_remove_action(dev, nothing, data + n);
		});
		start = rdtsc();
		for (first = 0; first < 50; first++)
			devm_remove_action(dev, nothing, data + first);
		pr_info("row oldest_%u %llu\n", sizes[i], (rdtsc() - start) * 10 / 50);
		for (; first < n; first++)
			devm_remove_action(dev, nothing, data + n - 1 - (first - 50));
	}
	kfree(data);
	return 0;
}

static bool is_true;

static noinline int poll_once(void)
{
	int value;

	return read_poll_timeout(READ_ONCE, value, value, 10, 1000, false, is_true);
}

static __always_inline unsigned int look(unsigned int *count)
{
	++*count;
	return READ_ONCE(*count);
}

static noinline int poll_ten(unsigned int *count)
{
	unsigned int value;

	return read_poll_timeout_atomic(look, value, value == 10, 0, 1000, false, count);
}

static noinline int checked(void __iomem *base, size_t size, size_t offset, u32 *value)
{
	if (offset + sizeof(u32) < offset || offset + sizeof(u32) > size || offset % sizeof(u32))
		return -EINVAL;
	*value = readl(base + offset);
	return 0;
}

static int registers(struct pci_dev *pdev)
{
	size_t size = pci_resource_len(pdev, 0), offset = 0x20;
	void __iomem *base = pci_iomap(pdev, 0, 0);
	u8 bytes[128];
	u32 value;

	if (!base)
		return -ENOMEM;
	OPTIMIZER_HIDE_VAR(offset);
	MEASURE("checked", 100, checked(base, size, offset, &value));
	MEASURE("bulk", 50, {
		memcpy_fromio(bytes, base, sizeof(bytes));
		OPTIMIZER_HIDE_VAR(bytes[0]);
	});
	pci_iounmap(pdev, base);
	return 0;
}

static void poll(void)
{
	unsigned int count;

	is_true = true;
	MEASURE("poll", 100, poll_once());
	MEASURE("poll_atomic", 100, {
		count = 0;
		poll_ten(&count);
	});
}

struct vector {
	u32 *items;
	size_t length, capacity;
};

static __always_inline int push(struct vector *vector, u32 value)
{
	if (vector->length == vector->capacity) {
		size_t capacity = vector->capacity ? vector->capacity * 2 : 1;
		u32 *items = krealloc_array(vector->items, capacity, sizeof(*items), GFP_KERNEL);

		if (!items)
			return -ENOMEM;
		vector->items = items;
		vector->capacity = capacity;
	}
	vector->items[vector->length++] = value;
	return 0;
}

static noinline int fill(struct vector *vector, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (push(vector, i))
			return -ENOMEM;
	return 0;
}

struct bytes {
	u8 bytes[256];
};

static void memory(void)
{
	struct vector vector = { };
	struct bytes *bytes;
	u64 *word;

	vector.items = kmalloc_array(1000, sizeof(*vector.items), GFP_KERNEL);
	vector.capacity = 1000;
	MEASURE("push", 10, {
		vector.length = 0;
		fill(&vector, 1000);
	});
	kfree(vector.items);
	MEASURE("push_growing", 10, {
		vector = (struct vector){ };
		fill(&vector, 1000);
		kfree(vector.items);
	});
	MEASURE("box_8", 100, {
		word = kmalloc(sizeof(*word), GFP_KERNEL);
		if (word)
			WRITE_ONCE(*word, round);
		kfree(word);
	});
	MEASURE("box_256", 100, {
		bytes = kmalloc(sizeof(*bytes), GFP_KERNEL);
		if (bytes) {
			memset(bytes, round, sizeof(*bytes));
			OPTIMIZER_HIDE_VAR(bytes);
		}
		kfree(bytes);
	});
}

static DEFINE_MUTEX(mutex);
static DEFINE_SPINLOCK(spinlock);
static u64 counter;

static void locks(void)
{
	MEASURE("mutex", 100, {
		mutex_lock(&mutex);
		counter++;
		mutex_unlock(&mutex);
	});
	MEASURE("spinlock", 100, {
		spin_lock(&spinlock);
		counter++;
		spin_unlock(&spinlock);
	});
}

struct timed {
	struct hrtimer timer;
	u64 value;
};

struct worked {
	struct delayed_work work;
	u64 value;
};

static enum hrtimer_restart expired(struct hrtimer *timer)
{
	return HRTIMER_NORESTART;
}

static void run(struct work_struct *work)
{
}

static noinline struct timed *timed_new(u64 value)
{
	struct timed *timed = kzalloc(sizeof(*timed), GFP_KERNEL);

	if (!timed)
		return NULL;
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0)
	hrtimer_init(&timed->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	timed->timer.function = expired;
#else
	hrtimer_setup(&timed->timer, expired, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
#endif
	timed->value = value;
	return timed;
}

static noinline void timed_drop(struct timed *timed)
{
	hrtimer_cancel(&timed->timer);
	kfree(timed);
}

static noinline struct worked *worked_new(u64 value)
{
	struct worked *worked = kzalloc(sizeof(*worked), GFP_KERNEL);

	if (!worked)
		return NULL;
	INIT_DELAYED_WORK(&worked->work, run);
	worked->value = value;
	return worked;
}

static noinline void worked_drop(struct worked *worked)
{
	cancel_delayed_work_sync(&worked->work);
	kfree(worked);
}

static int later(void)
{
	struct timed *timed;
	struct worked *worked;

	MEASURE("timer", 50, {
		timed = timed_new(round);
		timed_drop(timed);
	});
	timed = timed_new(1);
	MEASURE("timer_start", 50, {
		hrtimer_start(&timed->timer, ms_to_ktime(3600000), HRTIMER_MODE_REL);
		hrtimer_cancel(&timed->timer);
	});
	timed_drop(timed);
	MEASURE("work", 50, {
		worked = worked_new(round);
		worked_drop(worked);
	});
	return 0;
}

static void print(struct device *dev)
{
	MEASURE("print", 5, dev_info(dev, "a message with the number %u in it\n", round));
	MEASURE("print_110", 5, dev_info(dev, "%s: a message of about one hundred and ten characters, with a name, the number %u and another: %#x\n",
					 "something", round, round));
}

static u32 node_value = 0x010000ed;

static ssize_t node_read(struct file *file, char __user *buffer, size_t count, loff_t *pos)
{
	u32 value = READ_ONCE(node_value);

	if (count < sizeof(value))
		return -EINVAL;
	return copy_to_user(buffer, &value, sizeof(value)) ? -EFAULT : sizeof(value);
}

static ssize_t node_read_iter(struct kiocb *kiocb, struct iov_iter *iter)
{
	u32 value = READ_ONCE(node_value);

	return copy_to_iter(&value, sizeof(value), iter) == sizeof(value) ? sizeof(value) : -EFAULT;
}

static long node_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	u32 value = READ_ONCE(node_value);

	switch (cmd) {
	case _IOR('L', 1, u32):
		return put_user(value, (u32 __user *)arg);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations node_operations = {
	.owner = THIS_MODULE,
	.read = node_read,
	.unlocked_ioctl = node_ioctl,
};

static struct miscdevice node = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "bench",
	.fops = &node_operations,
};

/* The same with the operation that the crate has, which takes more than one address. */
static const struct file_operations iter_operations = {
	.owner = THIS_MODULE,
	.read_iter = node_read_iter,
	.unlocked_ioctl = node_ioctl,
};

static struct miscdevice iter_node = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "bench_iter",
	.fops = &iter_operations,
};

static int value_show(struct seq_file *seq, void *v)
{
	seq_printf(seq, "%u\n", READ_ONCE(node_value));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(value);

static struct dentry *directory;

/* Registers that show which interrupts are raised, raise some, and acknowledge some. */
#define PENDING		0x24
#define RAISE		0x60
#define ACKNOWLEDGE	0x64

static void __iomem *interrupts;
static atomic_t seen;

static irqreturn_t handle(int irq, void *data)
{
	u32 pending = readl(interrupts + PENDING);

	if (!pending)
		return IRQ_NONE;
	writel(pending, interrupts + ACKNOWLEDGE);
	atomic_inc(&seen);
	return IRQ_HANDLED;
}

static int interrupt(struct pci_dev *pdev)
{
	int error, before;

	interrupts = pci_iomap(pdev, 0, 0);
	if (!interrupts)
		return -ENOMEM;
	pci_set_master(pdev);
	error = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_ALL_TYPES);
	if (error < 0)
		goto unmap;
	error = request_irq(pci_irq_vector(pdev, 0), handle, IRQF_SHARED, "bench_c", pdev);
	if (error)
		goto free;
	MEASURE("interrupt", 20, {
		before = atomic_read(&seen);
		writel(1, interrupts + RAISE);
		while (atomic_read(&seen) == before)
			cpu_relax();
	});
	free_irq(pci_irq_vector(pdev, 0), pdev);
free:
	pci_free_irq_vectors(pdev);
unmap:
	pci_iounmap(pdev, interrupts);
	return error < 0 ? error : 0;
}

static int bench_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int error = pcim_enable_device(pdev);

	if (error)
		return error;
	error = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (error)
		return error;
	error = streaming(&pdev->dev) ?: coherent(&pdev->dev) ?: managed(&pdev->dev) ?: registers(pdev) ?:
		interrupt(pdev);
	if (error)
		return error;
	poll();
	memory();
	locks();
	error = later();
	if (error)
		return error;
	print(&pdev->dev);
	error = misc_register(&node);
	if (error)
		return error;
	error = misc_register(&iter_node);
	if (error) {
		misc_deregister(&node);
		return error;
	}
	directory = debugfs_create_dir("bench", NULL);
	debugfs_create_file("value", 0444, directory, NULL, &value_fops);
	return 0;
}

static void bench_remove(struct pci_dev *pdev)
{
	debugfs_remove(directory);
	misc_deregister(&iter_node);
	misc_deregister(&node);
}

static const struct pci_device_id table[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{ }
};
MODULE_DEVICE_TABLE(pci, table);

static struct pci_driver bench_driver = {
	.name = "bench_c",
	.id_table = table,
	.probe = bench_probe,
	.remove = bench_remove,
};
module_pci_driver(bench_driver);

MODULE_DESCRIPTION("The rows of make bench in C");
MODULE_LICENSE("GPL");
