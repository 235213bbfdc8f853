// SPDX-License-Identifier: GPL-2.0
#include <linux/atomic.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/wait.h>
#include <linux/wait_bit.h>

#include "machines.h"

/*
 * The callbacks of this module that a thread runs. The end of a registration waits for its
 * callbacks, and a thread cannot wait for itself. So a callback that ends its own registration
 * leaves the end to a work item (rust/kernel/scope/later.rs). This is C because it works on the
 * kernel's wait queues, and on the state of tasks without a lock.
 *
 * Invariants
 *
 * Owner: the caller of lb_call_begin() owns the slot that this returns, until it gives the slot up
 * (Call::drop in rust/kernel/calls.rs), or calls lb_call_end_uncounted(). The caller of
 * lb_misc_open_begin() owns the entry until lb_misc_open_end().
 *
 * Fields: a slot needs no lock. cmpxchg() from NULL to the current task takes it, and a release
 * store of NULL, which is Rust's, gives it up. Another task reads `task` alone, and finds that it
 * is not its own. The wait queue's own lock protects the entries in it.
 *
 * Calls: lb_misc_open_begin() and lb_misc_open_end() may sleep. All other functions may be called
 * in any context but NMI.
 *
 * CALL-SLOT: a slot whose task is not NULL belongs to a callback that this task runs, or that it
 * has left by a panic. The owner alone writes `key` and `driver`, and gives the slot up. So a task
 * finds all of its own callbacks that have slots.
 *
 * CALL-MORE: lb_more_calls counts the callbacks that run without a slot. While it is not 0, no
 * thread can know that it runs no callback.
 *
 * CALL-OPEN: a thread that runs the `open` of a misc device of this crate has an entry in the
 * kernel's queue for LB_MISC_OPEN. No entry of this queue is ever woken.
 *
 * None of this is on a stack. If a driver's code panics in a callback, the slot stays taken. A
 * later task may have its task_struct at the same address. Ends that this task makes may be left to
 * the work item, too. Nothing else comes of it.
 */
static struct lb_call lb_calls[64];

/* The number of callbacks for which there was no slot. Nothing says which tasks run them. */
static atomic_t lb_more_calls;

static __always_inline bool take(struct lb_call *call, const void *key, bool driver)
{
	if (READ_ONCE(call->task) || cmpxchg(&call->task, NULL, current))
		return false;
	call->key = key;
	call->driver = driver;
	return true;
}

static noinline struct lb_call *take_another(const void *key, bool driver)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lb_calls); i++)
		if (take(&lb_calls[i], key, driver))
			return &lb_calls[i];
	atomic_inc(&lb_more_calls);
	return NULL;
}

/*
 * Begins a callback. Each processor has a slot that it takes if it is free; any other serves as
 * well. NULL if all are taken: then lb_call_end_uncounted() ends the callback. Context: any context
 * but NMI.
 */
struct lb_call *LB_CALLED lb_call_begin(const void *key, bool driver)
{
	struct lb_call *call = &lb_calls[raw_smp_processor_id() % ARRAY_SIZE(lb_calls)];

	return likely(take(call, key, driver)) ? call : take_another(key, driver);
}

/* Ends a callback that has no slot. Context: any context but NMI. */
void lb_call_end_uncounted(void)
{
	atomic_dec(&lb_more_calls);
}

/*
 * Returns whether this thread runs a callback with the key. If callbacks without a slot run, and
 * none with a slot has the key, the result is `unknown`. Context: any context but NMI.
 */
bool lb_in_call(const void *key, bool unknown)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lb_calls); i++)
		if (READ_ONCE(lb_calls[i].task) == current && lb_calls[i].key == key)
			return true;
	return unknown && atomic_read(&lb_more_calls);
}

/*
 * Returns whether this thread runs, or may run, a callback of anything that a driver has
 * registered. Context: any context but NMI.
 */
bool lb_in_other_call(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lb_calls); i++)
		if (READ_ONCE(lb_calls[i].task) == current && !lb_calls[i].driver)
			return true;
	return atomic_read(&lb_more_calls);
}

/* Returns whether this is no task, or interrupts are disabled: the caller must not wait then. */
bool LB_CALLED lb_in_interrupt(void)
{
	return !in_task() || irqs_disabled();
}

/*
 * misc_open() calls a driver's `open` with misc_mtx held, which misc_register() and
 * misc_deregister() take. If `open` made a node, it would wait for ever, and with it each later
 * `open` of any misc device.
 *
 * A thread may come from the `open` of one module into a callback of another module, for example by
 * way of runtime power management. So all modules of this crate must find that the thread is in
 * `open`. They share one of the kernel's wait queues, that of an address which nothing has:
 *
 *   1. lb_misc_open_begin() adds an entry to this queue.
 *   2. lb_in_misc_open() wakes the queue with a key that nobody else uses.
 *   3. The entry's function looks at the key. If the entry is the current thread's, the function
 *      counts it in the key. It never wakes a thread.
 */
#define LB_MISC_OPEN ((void *)0x4c62)
#define LB_MISC_OPEN_BIT (-0x4c62)	/* wait_var_event() uses -1 */

static int lb_misc_open_answer(struct wait_queue_entry *entry, unsigned int mode, int flags, void *arg)
{
	struct wait_bit_key *key = arg;

	if (key && key->flags == LB_MISC_OPEN && key->bit_nr == LB_MISC_OPEN_BIT && entry->private == current)
		key->timeout++;
	return 0;
}

/*
 * Returns NULL without memory. The entry is not on the stack: after a panic the stack is freed, and
 * the entry stays in the queue.
 */
struct wait_queue_entry *lb_misc_open_begin(void)
{
	struct wait_queue_entry *entry = kmalloc(sizeof(*entry), GFP_KERNEL);

	if (!entry)
		return NULL;
	init_waitqueue_func_entry(entry, lb_misc_open_answer);
	entry->private = current;
	add_wait_queue(__var_waitqueue(LB_MISC_OPEN), entry);
	return entry;
}

void lb_misc_open_end(struct wait_queue_entry *entry)
{
	remove_wait_queue(__var_waitqueue(LB_MISC_OPEN), entry);
	kfree(entry);
}

/*
 * Returns whether this thread is in the `open` of a misc device of this or another module of the
 * crate. Context: any context but NMI.
 */
bool lb_in_misc_open(void)
{
	struct wait_bit_key key = { .flags = LB_MISC_OPEN, .bit_nr = LB_MISC_OPEN_BIT };

	__wake_up(__var_waitqueue(LB_MISC_OPEN), TASK_NORMAL, 0, &key);
	return key.timeout;
}
