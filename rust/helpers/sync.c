// SPDX-License-Identifier: GPL-2.0
#include <linux/completion.h>
#include <linux/irqflags.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "helpers.h"

void lb_spin_lock_init(spinlock_t *lock, const char *name, struct lock_class_key *key)
{
#ifdef CONFIG_DEBUG_SPINLOCK
# if defined(CONFIG_PREEMPT_RT)
	__spin_lock_init(lock, name, key, false);
# else
	__raw_spin_lock_init(spinlock_check(lock), name, key, LD_WAIT_CONFIG);
# endif
#else
	spin_lock_init(lock);
#endif
}

void lb_mutex_init(struct mutex *lock, const char *name, struct lock_class_key *key)
{
	__mutex_init(lock, name, key);
}

void lb_init_completion(struct completion *x)
{
	init_completion(x);
}

void lb_init_wait(struct wait_queue_entry *wait)
{
	init_wait(wait);
}

void lb_init_waitqueue_head(struct wait_queue_head *wq, const char *name, struct lock_class_key *key)
{
	__init_waitqueue_head(wq, name, key);
}

/*
 * Does what finish_wait() does, and returns whether a wake-up has taken the entry off the queue. If
 * so, nobody else gets that wake-up, and the caller must not drop it.
 */
bool lb_finish_wait_woken(struct wait_queue_head *wq, struct wait_queue_entry *wait)
{
	unsigned long flags;
	bool woken;

	__set_current_state(TASK_RUNNING);
	spin_lock_irqsave(&wq->lock, flags);
	woken = list_empty(&wait->entry);
	list_del_init(&wait->entry);
	spin_unlock_irqrestore(&wq->lock, flags);
	return woken;
}

void lb_lockdep_register_key(struct lock_class_key *key)
{
	lockdep_register_key(key);
}

void lb_lockdep_unregister_key(struct lock_class_key *key)
{
	lockdep_unregister_key(key);
}

void lb_lockdep_assert_held_spin(spinlock_t *lock)
{
	lockdep_assert_held(lock);
}

void lb_lockdep_assert_held_mutex(struct mutex *lock)
{
	lockdep_assert_held(lock);
}

unsigned long lb_local_irq_save(void)
{
	unsigned long flags;

	local_irq_save(flags);
	return flags;
}

void lb_local_irq_restore(unsigned long flags)
{
	local_irq_restore(flags);
}
