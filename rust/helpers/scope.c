// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "helpers.h"

/*
 * Lists of what calls back into a driver, in order of creation. One lock for all lists of the module: it is held for a
 * few instructions, in interrupts too, and never while an entry ends, since the end of one may end others.
 */
static DEFINE_SPINLOCK(lb_scope_lock);

/* What the module itself has registered. Never closed: it is drained when nothing of the module runs any more. */
static struct lb_scope lb_module_scope = {
	.entries = LIST_HEAD_INIT(lb_module_scope.entries),
	.idle = __WAIT_QUEUE_HEAD_INITIALIZER(lb_module_scope.idle),
};

struct lb_scope *lb_scope_of_module(void)
{
	return &lb_module_scope;
}

void lb_scope_init(struct lb_scope *scope)
{
	INIT_LIST_HEAD(&scope->entries);
	init_waitqueue_head(&scope->idle);
	scope->busy = 0;
	scope->closed = false;
}

/*
 * An entry is started before it is on the list: lb_scope_begin(), then C gets to know it, then lb_scope_add(), or
 * lb_scope_cancel() if starting it failed. In between the scope does not end. If a driver's code panics there, the thread
 * is gone and the entry was never added, so the scope never ends: what was started may go on to use what is in the scope.
 */
int lb_scope_begin(struct lb_scope *scope)
{
	unsigned long flags;
	int err = 0;

	spin_lock_irqsave(&lb_scope_lock, flags);
	if (scope->closed)
		err = -ENODEV;
	else
		scope->busy++;
	spin_unlock_irqrestore(&lb_scope_lock, flags);
	return err;
}

/* The lock is held. */
static void lb_scope_done(struct lb_scope *scope)
{
	if (!--scope->busy)
		wake_up_all(&scope->idle);
}

/* Adds what was begun, even if the scope was closed meanwhile: then lb_scope_drain() waits for it, and ends it. */
void lb_scope_add(struct lb_scope *scope, struct lb_scope_entry *entry)
{
	unsigned long flags;

	init_completion(&entry->ended);
	entry->scope = scope;
	entry->ender = NULL;
	spin_lock_irqsave(&lb_scope_lock, flags);
	list_add_tail(&entry->node, &scope->entries);
	lb_scope_done(scope);
	spin_unlock_irqrestore(&lb_scope_lock, flags);
}

void lb_scope_cancel(struct lb_scope *scope)
{
	unsigned long flags;

	spin_lock_irqsave(&lb_scope_lock, flags);
	lb_scope_done(scope);
	spin_unlock_irqrestore(&lb_scope_lock, flags);
}

/* An entry has an ender from the moment that it leaves the list. The lock is held. */
static void lb_scope_take(struct lb_scope_entry *entry)
{
	list_del(&entry->node);
	entry->ender = current;
}

/*
 * Ends an entry before its scope does, or waits for whoever is ending it. The scope may be gone if somebody else was
 * first, so it is looked at only while the entry is on its list.
 */
void lb_scope_end_entry(struct lb_scope_entry *entry)
{
	struct lb_scope *scope = NULL;
	void (*put)(void *arg) = entry->put;
	void *arg = entry->put_arg;
	struct task_struct *ender;
	unsigned long flags;

	spin_lock_irqsave(&lb_scope_lock, flags);
	ender = entry->ender;
	if (!ender) {
		scope = entry->scope;
		scope->busy++;
		lb_scope_take(entry);
	}
	spin_unlock_irqrestore(&lb_scope_lock, flags);

	if (!scope) {
		/*
		 * From within its own end nobody can wait for that. An entry with a count of its own outlives this, so
		 * there is no need to, either.
		 */
		if (!put || ender != current)
			wait_for_completion(&entry->ended);
		return;
	}

	entry->end(entry->arg);
	complete_all(&entry->ended);
	spin_lock_irqsave(&lb_scope_lock, flags);
	lb_scope_done(scope);
	spin_unlock_irqrestore(&lb_scope_lock, flags);
	if (put)
		put(arg);
}

/* --- entries that end later --- */

/* Off their scopes' lists, each of which waits for them. */
static LIST_HEAD(lb_scope_later);

static struct lb_scope_entry *lb_scope_next_later(void)
{
	struct lb_scope_entry *entry;
	unsigned long flags;

	spin_lock_irqsave(&lb_scope_lock, flags);
	entry = list_first_entry_or_null(&lb_scope_later, struct lb_scope_entry, node);
	if (entry)
		list_del(&entry->node);
	spin_unlock_irqrestore(&lb_scope_lock, flags);
	return entry;
}

static void lb_scope_end_those(struct work_struct *work)
{
	struct lb_scope_entry *entry;

	while ((entry = lb_scope_next_later())) {
		struct lb_scope *scope = entry->scope;
		unsigned long flags;

		entry->end(entry->arg);
		complete_all(&entry->ended);
		/* What it has may borrow from what the scope's end is followed by. */
		entry->put(entry->put_arg);
		spin_lock_irqsave(&lb_scope_lock, flags);
		lb_scope_done(scope);
		spin_unlock_irqrestore(&lb_scope_lock, flags);
	}
}

static DECLARE_WORK(lb_scope_later_work, lb_scope_end_those);

/*
 * Ends an entry with a count of its own, unless somebody does already, and does not wait for that: for the callback that
 * its end waits for, and for interrupts. Any context but NMI.
 */
void lb_scope_end_later(struct lb_scope_entry *entry)
{
	unsigned long flags;
	bool mine;

	spin_lock_irqsave(&lb_scope_lock, flags);
	mine = !entry->ender;
	if (mine) {
		entry->scope->busy++;
		lb_scope_take(entry);
		list_add_tail(&entry->node, &lb_scope_later);
	}
	spin_unlock_irqrestore(&lb_scope_lock, flags);
	if (mine)
		queue_work(system_long_wq, &lb_scope_later_work);
}

/*
 * Ends an entry without a count like that, and then has put() give up its memory. False if the entry has ended: then
 * nothing happens.
 */
bool lb_scope_hand_over(struct lb_scope_entry *entry, void (*put)(void *arg), void *put_arg)
{
	unsigned long flags;
	bool mine, ended;

	spin_lock_irqsave(&lb_scope_lock, flags);
	mine = !entry->ender;
	ended = completion_done(&entry->ended);
	if (!ended) {
		entry->put = put;
		entry->put_arg = put_arg;
	}
	if (mine) {
		entry->scope->busy++;
		lb_scope_take(entry);
		list_add_tail(&entry->node, &lb_scope_later);
	}
	spin_unlock_irqrestore(&lb_scope_lock, flags);
	if (mine)
		queue_work(system_long_wq, &lb_scope_later_work);
	return !ended;
}

/* --- the end of a scope --- */

static struct lb_scope_entry *lb_scope_take_newest(struct lb_scope *scope)
{
	struct lb_scope_entry *entry = NULL;
	unsigned long flags;

	spin_lock_irqsave(&lb_scope_lock, flags);
	if (!list_empty(&scope->entries)) {
		entry = list_last_entry(&scope->entries, struct lb_scope_entry, node);
		lb_scope_take(entry);
	}
	spin_unlock_irqrestore(&lb_scope_lock, flags);
	return entry;
}

/* Whether all is ended. Takes the lock, so whoever was busy with an entry has left the scope alone by then. */
static bool lb_scope_is_idle(struct lb_scope *scope)
{
	unsigned long flags;
	bool idle;

	spin_lock_irqsave(&lb_scope_lock, flags);
	idle = list_empty(&scope->entries) && !scope->busy;
	spin_unlock_irqrestore(&lb_scope_lock, flags);
	return idle;
}

/* From now on nothing can be begun. */
void lb_scope_close(struct lb_scope *scope)
{
	unsigned long flags;

	spin_lock_irqsave(&lb_scope_lock, flags);
	scope->closed = true;
	spin_unlock_irqrestore(&lb_scope_lock, flags);
}

/*
 * Ends all entries, the newest first, and waits for those that others are starting or ending. Entries with a count keep it until all
 * have ended: what one still uses while it ends is there. An entry without may be gone as soon as it has ended.
 */
void lb_scope_drain(struct lb_scope *scope)
{
	struct lb_scope_entry *entry, *next;
	unsigned long flags;
	LIST_HEAD(ended);

	do {
		while ((entry = lb_scope_take_newest(scope))) {
			entry->end(entry->arg);
			/* It may have been handed over meanwhile. One without a count may be gone as soon as it has ended. */
			spin_lock_irqsave(&lb_scope_lock, flags);
			if (entry->put)
				list_add_tail(&entry->node, &ended);
			complete_all(&entry->ended);
			spin_unlock_irqrestore(&lb_scope_lock, flags);
		}
		wait_event(scope->idle, !READ_ONCE(scope->busy));
	} while (!lb_scope_is_idle(scope));

	list_for_each_entry_safe(entry, next, &ended, node)
		entry->put(entry->put_arg);

	/* After the last of the module's, until the work item's function has returned. */
	if (scope == &lb_module_scope)
		flush_work(&lb_scope_later_work);
}
