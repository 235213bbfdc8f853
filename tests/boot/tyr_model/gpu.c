// SPDX-License-Identifier: GPL-2.0
/*
 * The registers of the model. Two mappings lead to them: the driver's, and the model's own. A probe
 * on ioremap() finds where the driver's is. As long as the GPU has its supply, the processor's
 * debug registers watch that mapping: each write to a register that means something is seen in the
 * moment that it happens, recorded, and answered. No write is missed and none is seen twice, even
 * if it writes what is there already.
 *
 * The watch's function runs where nothing may be locked. What takes time, and what raises the
 * interrupt, is left to an irq_work, or a timer.
 */
#include <linux/atomic.h>
#include <linux/hrtimer.h>
#include <linux/hw_breakpoint.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/irq.h>
#include <linux/irq_work.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/perf_event.h>
#include <linux/version.h>

#include "model.h"

#define BASE	0x1e000000
#define SIZE	0x1000

enum {
	GPU_ID = 0x0, L2_FEATURES = 0x4, CORE_FEATURES = 0x8, TILER_FEATURES = 0xc, MEM_FEATURES = 0x10,
	MMU_FEATURES = 0x14, AS_PRESENT = 0x18, CSF_ID = 0x1c,
	RAWSTAT = 0x20, CLEAR = 0x24, MASK = 0x28, STATUS = 0x2c,
	CMD = 0x30, GPU_STATUS = 0x34,
	SHADER_PRESENT = 0x100, TILER_PRESENT = 0x110, L2_PRESENT = 0x120,
	L2_READY = 0x160, L2_PWRON = 0x1a0, L2_PWROFF = 0x1e0, L2_PWRTRANS = 0x220,
};

enum {
	RESET_COMPLETED = 1 << 8,
	POWER_CHANGED = 1 << 9 | 1 << 10,
	SOFT_RESET = 0x101,
};

/* What the model does after a while. */
enum action { RESET, ON, OFF, ACTIONS };

static struct job {
	enum action action;
	int *ms;
	atomic_t wanted;
	struct hrtimer timer;
} jobs[ACTIONS] = {
	{ RESET, &reset_ms }, { ON, &on_ms }, { OFF, &off_ms },
};

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static void hrtimer_setup(struct hrtimer *timer, enum hrtimer_restart (*function)(struct hrtimer *),
			  clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

static void __iomem *registers;
static void __iomem *mapping;	/* the driver's */
static struct perf_event * __percpu *watches[4];
static struct hrtimer looker;
static struct irq_work work;
static atomic_t raw;
static atomic_t spurious;
static bool powered;
static int irq;

/* The pointer as a number, which is an error's for a watch that is none. */
static unsigned long number_of(struct perf_event * __percpu *watch)
{
	return (unsigned long __force)watch;
}

static void set(unsigned int offset, u32 value)
{
	writel(value, registers + offset);
}

static u32 get(unsigned int offset)
{
	return readl(registers + offset);
}

/* Nothing answers any more. */
static void vanish(void)
{
	unsigned int offset;

	for (offset = 0; offset < SIZE; offset += 4)
		set(offset, ~0);
}

static bool is_gone(void)
{
	return get(GPU_ID) == ~0;
}

/* In an interrupt. */
static void happen(u32 events)
{
	if (!powered || is_gone())
		return;
	atomic_or(events, &raw);
	set(RAWSTAT, atomic_read(&raw));
	set(STATUS, atomic_read(&raw) & get(MASK));
	if (get(STATUS))
		generic_handle_irq(irq);
}

/* In an interrupt. */
static void do_job(struct job *job)
{
	if (!powered || is_gone())
		return;
	switch (job->action) {
	case RESET:
		set(L2_READY, 0);
		return happen(RESET_COMPLETED);
	case ON:
		set(L2_READY, get(L2_PRESENT));
		break;
	default:
		set(L2_READY, 0);
		break;
	}
	set(L2_PWRTRANS, 0);
	happen(POWER_CHANGED);
}

static enum hrtimer_restart expired(struct hrtimer *timer)
{
	do_job(container_of(timer, struct job, timer));
	return HRTIMER_NORESTART;
}

static void worked(struct irq_work *work)
{
	u32 events = atomic_xchg(&spurious, 0);
	struct job *job;

	if (events)
		happen(events);
	for (job = jobs; job < jobs + ACTIONS; job++) {
		if (!atomic_xchg(&job->wanted, 0) || *job->ms < 0)
			continue;
		if (*job->ms)
			hrtimer_start(&job->timer, ms_to_ktime(*job->ms), HRTIMER_MODE_REL_HARD);
		else
			do_job(job);
	}
}

static void want(enum action action)
{
	atomic_set(&jobs[action].wanted, 1);
	irq_work_queue(&work);
}

static void written(unsigned int offset, u32 value)
{
	switch (offset) {
	case CLEAR:
		note("clear", 0);
		atomic_andnot(value, &raw);
		set(RAWSTAT, atomic_read(&raw));
		set(STATUS, atomic_read(&raw) & get(MASK));
		set(CLEAR, 0);
		break;
	case CMD:
		note(value == SOFT_RESET ? "reset/%x" : "COMMAND/%x", get(MASK));
		set(CMD, 0);
		if (is_named(gone, "reset"))
			return vanish();
		want(RESET);
		break;
	case L2_PWRON:
		note("l2-on", 0);
		set(L2_PWRTRANS, value);
		set(L2_PWRON, 0);
		if (is_named(gone, "power"))
			return vanish();
		want(ON);
		break;
	case L2_PWROFF:
		note("l2-off", 0);
		set(L2_PWRTRANS, value);
		set(L2_PWROFF, 0);
		want(OFF);
		break;
	case CSF_ID:
		vanish();
		break;
	}
}

/* The driver has accessed a register that is watched. Nothing may be locked here. */
static void watched(struct perf_event *bp, struct perf_sample_data *data, struct pt_regs *regs)
{
	unsigned int offset = bp->attr.bp_addr - (unsigned long)mapping;
	u32 value = get(offset);

	if (!powered)
		note("WRITE-WITHOUT-POWER/%x", offset);
	else if (!is_gone())
		written(offset, value);
}

/* Without watches: what has been written is found after a while, and in this order. */
static enum hrtimer_restart looked(struct hrtimer *timer)
{
	static const unsigned int meaning[] = { CLEAR, CMD, L2_PWRON, L2_PWROFF };
	int n;

	if (!powered)
		return HRTIMER_NORESTART;
	for (n = 0; n < ARRAY_SIZE(meaning) && !is_gone(); n++)
		if (get(meaning[n]))
			written(meaning[n], get(meaning[n]));
	hrtimer_forward_now(timer, ns_to_ktime(200000));
	return HRTIMER_RESTART;
}

static struct perf_event * __percpu *watch(unsigned int offset, unsigned int type)
{
	struct perf_event_attr attr;

	hw_breakpoint_init(&attr);
	attr.bp_addr = (unsigned long)mapping + offset;
	attr.bp_len = HW_BREAKPOINT_LEN_4;
	attr.bp_type = type;
	return register_wide_hw_breakpoint(&attr, watched, NULL);
}

int gpu_watch(void)
{
	bool info = is_named(gone, "info");
	int n;

	if (!watch_writes)
		return 0;
	if (!mapping)
		return -ENXIO;
	watches[0] = watch(CLEAR, HW_BREAKPOINT_W);
	watches[1] = watch(CMD, HW_BREAKPOINT_W);
	watches[2] = watch(L2_PWRON, HW_BREAKPOINT_W);
	watches[3] = info ? watch(CSF_ID, HW_BREAKPOINT_RW) : watch(L2_PWROFF, HW_BREAKPOINT_W);
	for (n = 0; n < ARRAY_SIZE(watches); n++) {
		if (IS_ERR_VALUE(number_of(watches[n]))) {
			pr_err("cannot watch\n");
			return number_of(watches[n]);
		}
	}
	return 0;
}

void gpu_unwatch(void)
{
	int n;

	for (n = 0; n < ARRAY_SIZE(watches); n++) {
		if (watches[n] && !IS_ERR_VALUE(number_of(watches[n])))
			unregister_wide_hw_breakpoint(watches[n]);
		watches[n] = NULL;
	}
}

/*
 * The GPU begins to run, or stops. Without power nothing answers. May be called with a spin lock
 * held.
 */
void gpu_power(bool on)
{
	if (on == powered)
		return;
	if (!on) {
		powered = false;
		vanish();
		return;
	}
	memset_io(registers, 0, SIZE);
	set(GPU_ID, gpu_id);
	set(L2_FEATURES, 0x07120306);
	set(CORE_FEATURES, 0x1);
	set(TILER_FEATURES, 0x809);
	set(MEM_FEATURES, 0x301);
	set(MMU_FEATURES, mmu_features);
	set(AS_PRESENT, 0xff);
	set(CSF_ID, 0x40a0412);
	set(GPU_STATUS, 0x2);
	set(SHADER_PRESENT, 0x50005);
	set(TILER_PRESENT, 0x1);
	set(L2_PRESENT, 0x1);
	atomic_set(&raw, 0);
	powered = true;
	if (!watch_writes)
		hrtimer_start(&looker, ns_to_ktime(200000), HRTIMER_MODE_REL_HARD);
}

void gpu_spurious(u32 events)
{
	atomic_set(&spurious, events);
	irq_work_queue(&work);
}

int gpu_irq(void)
{
	return irq;
}

static void nothing(struct irq_data *data)
{
}

static struct irq_chip chip = {
	.name = "tyr_model",
	.irq_mask = nothing,
	.irq_unmask = nothing,
	.irq_ack = nothing,
};

struct mapped {
	bool ours;
};

static int mapping_begins(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct mapped *mapped = (void *)instance->data;

	mapped->ours = regs_get_kernel_argument(regs, 0) == BASE;
	return 0;
}

static int mapping_ends(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct mapped *mapped = (void *)instance->data;

	if (mapped->ours)
		mapping = (void __iomem *)regs_return_value(regs);
	return 0;
}

static struct kretprobe probe = {
	.kp.symbol_name = "ioremap",
	.entry_handler = mapping_begins,
	.handler = mapping_ends,
	.data_size = sizeof(struct mapped),
	.maxactive = 8,
};

int gpu_start(void)
{
	struct job *job;
	int err;

	registers = ioremap(BASE, SIZE);
	if (!registers)
		return -ENOMEM;
	vanish();
	init_irq_work(&work, worked);
	hrtimer_setup(&looker, looked, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	for (job = jobs; job < jobs + ACTIONS; job++)
		hrtimer_setup(&job->timer, expired, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	irq = irq_alloc_desc(NUMA_NO_NODE);
	if (irq < 0) {
		err = irq;
		goto unmap;
	}
	irq_set_chip_and_handler(irq, &chip, handle_simple_irq);
	irq_clear_status_flags(irq, IRQ_NOREQUEST);
	err = register_kretprobe(&probe);
	if (err)
		goto free;
	return 0;

free:
	irq_free_desc(irq);
unmap:
	iounmap(registers);
	return err;
}

void gpu_end(void)
{
	struct job *job;

	unregister_kretprobe(&probe);
	hrtimer_cancel(&looker);
	irq_work_sync(&work);
	for (job = jobs; job < jobs + ACTIONS; job++)
		hrtimer_cancel(&job->timer);
	irq_free_desc(irq);
	iounmap(registers);
}
