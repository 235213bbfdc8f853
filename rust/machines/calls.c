// SPDX-License-Identifier: GPL-2.0
#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/wait_bit.h>

#include "machines.h"

/*
 * Which callbacks of this module a thread runs. To end a registration is to wait for its callbacks, and a thread cannot
 * wait for itself: a callback that ends its own registration leaves that to a work item (rust/kernel/scope/later.rs). This
 * is C because it works on the kernel's wait queues and on per-task state without a lock.
 *
 * Invariants
 *
 * CALL-SLOT: a slot whose task is not NULL belongs to a callback that this task runs, or has left by a panic. Its owner
 * alone writes key and driver, and gives it up. So a task finds all of its own callbacks that have slots.
 *
 * CALL-MORE: lb_more_calls counts the callbacks that run without a slot. While there are any, nobody can know that it runs
 * none.
 *
 * CALL-OPEN: a thread that runs the open function of a misc device of this crate has an entry in the kernel's queue for
 * LB_MISC_OPEN, and no entry of this queue is ever woken.
 *
 * Nothing of it is on a stack. If a driver's code panics in a callback, its slot stays taken, which does no more than to
 * leave what a later thread at the same address ends to the work item, too.
 */
#define LB_CALL_BITS 6

static struct {
	struct task_struct *task;
	const void *key;
	bool driver;	/* one of a driver, not of what a driver has registered */
} lb_calls[1 << LB_CALL_BITS];

/* Callbacks for which there was no slot: whose they are is not known. */
static atomic_t lb_more_calls;

/* Any context but NMI. The result is for lb_call_end(). */
int lb_call_begin(const void *key, bool driver)
{
	unsigned int first = hash_ptr(current, LB_CALL_BITS), i, slot;

	for (i = 0; i < ARRAY_SIZE(lb_calls); i++) {
		slot = (first + i) % ARRAY_SIZE(lb_calls);
		if (!READ_ONCE(lb_calls[slot].task) && !cmpxchg(&lb_calls[slot].task, NULL, current)) {
			lb_calls[slot].key = key;
			lb_calls[slot].driver = driver;
			return slot;
		}
	}
	atomic_inc(&lb_more_calls);
	return -1;
}

void lb_call_end(int slot)
{
	if (slot >= 0)
		smp_store_release(&lb_calls[slot].task, NULL);
	else
		atomic_dec(&lb_more_calls);
}

/* Whether this thread runs a callback with the key. Any context. If there are too many to know them all: `unknown`. */
bool lb_in_call(const void *key, bool unknown)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lb_calls); i++)
		if (READ_ONCE(lb_calls[i].task) == current && lb_calls[i].key == key)
			return true;
	return unknown && atomic_read(&lb_more_calls);
}

/* Whether this thread runs a callback of what a driver has registered, whatever that is. */
bool lb_in_other_call(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lb_calls); i++)
		if (READ_ONCE(lb_calls[i].task) == current && !lb_calls[i].driver)
			return true;
	return atomic_read(&lb_more_calls);
}

/* Whether this is an interrupt or the like, where nothing can be waited for. */
bool lb_in_interrupt(void)
{
	return !in_task() || irqs_disabled();
}

/*
 * misc_open() calls a driver's `open` with misc_mtx held, which misc_register() and misc_deregister() take. Making a node
 * in `open` would wait for ever, and each later `open` of any misc device with it. The thread may come from one module's
 * `open` into a callback of another module, by way of runtime power management for example. So that it is in `open` is
 * written where all modules of this crate find it: in the kernel's queue of those who wait for an address that nobody has.
 * An entry is never woken. To ask is to wake that queue with the same key, and an entry of the asking thread answers.
 */
#define LB_MISC_OPEN ((void *)0x4c62)
#define LB_MISC_OPEN_BIT (-0x4c62)	/* that of wait_var_event() is -1 */

static int lb_misc_open_answer(struct wait_queue_entry *entry, unsigned int mode, int flags, void *arg)
{
	struct wait_bit_key *key = arg;

	if (key && key->flags == LB_MISC_OPEN && key->bit_nr == LB_MISC_OPEN_BIT && entry->private == current)
		key->timeout++;
	return 0;
}

/* NULL without memory. Not on the stack: a panic frees that. */
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

/* Whether this thread is in the `open` of a misc device of this or another module of the crate. Any context but NMI. */
bool lb_in_misc_open(void)
{
	struct wait_bit_key key = { .flags = LB_MISC_OPEN, .bit_nr = LB_MISC_OPEN_BIT };

	__wake_up(__var_waitqueue(LB_MISC_OPEN), TASK_NORMAL, 0, &key);
	return key.timeout;
}
