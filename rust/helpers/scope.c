// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/wait.h>

#include "helpers.h"

/*
 * Lists of what calls back into a driver, in order of creation. One lock for all lists of the module: it is held for a
 * few instructions, and never while an entry ends, since the end of one may end others.
 */
static DEFINE_MUTEX(lb_scope_lock);

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
	int err = 0;

	mutex_lock(&lb_scope_lock);
	if (scope->closed)
		err = -ENODEV;
	else
		scope->busy++;
	mutex_unlock(&lb_scope_lock);
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
	init_completion(&entry->ended);
	entry->scope = scope;
	entry->ender = NULL;
	mutex_lock(&lb_scope_lock);
	list_add_tail(&entry->node, &scope->entries);
	lb_scope_done(scope);
	mutex_unlock(&lb_scope_lock);
}

void lb_scope_cancel(struct lb_scope *scope)
{
	mutex_lock(&lb_scope_lock);
	lb_scope_done(scope);
	mutex_unlock(&lb_scope_lock);
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
	void *arg = entry->arg;
	struct task_struct *ender;

	mutex_lock(&lb_scope_lock);
	ender = entry->ender;
	if (!ender) {
		scope = entry->scope;
		scope->busy++;
		lb_scope_take(entry);
	}
	mutex_unlock(&lb_scope_lock);

	if (!scope) {
		/*
		 * From within its own end nobody can wait for that. An entry with a count of its own outlives this, so
		 * there is no need to, either.
		 */
		if (!put || ender != current)
			wait_for_completion(&entry->ended);
		return;
	}

	entry->end(arg);
	complete_all(&entry->ended);
	mutex_lock(&lb_scope_lock);
	lb_scope_done(scope);
	mutex_unlock(&lb_scope_lock);
	if (put)
		put(arg);
}

static struct lb_scope_entry *lb_scope_take_newest(struct lb_scope *scope)
{
	struct lb_scope_entry *entry = NULL;

	mutex_lock(&lb_scope_lock);
	if (!list_empty(&scope->entries)) {
		entry = list_last_entry(&scope->entries, struct lb_scope_entry, node);
		lb_scope_take(entry);
	}
	mutex_unlock(&lb_scope_lock);
	return entry;
}

/* Whether all is ended. Takes the lock, so whoever was busy with an entry has left the scope alone by then. */
static bool lb_scope_is_idle(struct lb_scope *scope)
{
	bool idle;

	mutex_lock(&lb_scope_lock);
	idle = list_empty(&scope->entries) && !scope->busy;
	mutex_unlock(&lb_scope_lock);
	return idle;
}

/* From now on nothing can be begun. */
void lb_scope_close(struct lb_scope *scope)
{
	mutex_lock(&lb_scope_lock);
	scope->closed = true;
	mutex_unlock(&lb_scope_lock);
}

/*
 * Ends all entries, the newest first, and waits for those that others are starting or ending. Entries with a count keep it until all
 * have ended: what one still uses while it ends is there. An entry without may be gone as soon as it has ended.
 */
void lb_scope_drain(struct lb_scope *scope)
{
	struct lb_scope_entry *entry, *next;
	LIST_HEAD(ended);

	do {
		while ((entry = lb_scope_take_newest(scope))) {
			if (entry->put)
				list_add_tail(&entry->node, &ended);
			entry->end(entry->arg);
			complete_all(&entry->ended);
		}
		wait_event(scope->idle, !READ_ONCE(scope->busy));
	} while (!lb_scope_is_idle(scope));

	list_for_each_entry_safe(entry, next, &ended, node)
		entry->put(entry->arg);
}
