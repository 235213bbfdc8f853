// SPDX-License-Identifier: GPL-2.0
#include <linux/list.h>
#include <linux/mutex.h>

#include "helpers.h"

/*
 * What the module has registered and must not leave behind, in order of creation. The end of an entry may end others
 * (a driver's data may own a registration), so the lock is not held over it.
 */
static DEFINE_MUTEX(lb_scope_lock);
static LIST_HEAD(lb_scope_entries);

void lb_scope_add(struct lb_scope_entry *entry)
{
	init_completion(&entry->ended);
	mutex_lock(&lb_scope_lock);
	list_add_tail(&entry->node, &lb_scope_entries);
	mutex_unlock(&lb_scope_lock);
}

/* Takes the entry, or NULL for the newest, off the list; NULL if it is not there. */
static struct lb_scope_entry *lb_scope_take(struct lb_scope_entry *entry)
{
	mutex_lock(&lb_scope_lock);
	if (!entry && !list_empty(&lb_scope_entries))
		entry = list_last_entry(&lb_scope_entries, struct lb_scope_entry, node);
	if (entry && list_empty(&entry->node))
		entry = NULL;
	if (entry)
		list_del_init(&entry->node);
	mutex_unlock(&lb_scope_lock);
	return entry;
}

static void lb_scope_run(struct lb_scope_entry *entry)
{
	entry->end(entry->arg);
	complete_all(&entry->ended);
}

void lb_scope_end_entry(struct lb_scope_entry *entry)
{
	if (lb_scope_take(entry))
		lb_scope_run(entry);
	else
		wait_for_completion(&entry->ended);
}

void lb_scope_end(void)
{
	struct lb_scope_entry *entry;

	while ((entry = lb_scope_take(NULL)))
		lb_scope_run(entry);
}
