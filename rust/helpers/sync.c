// SPDX-License-Identifier: GPL-2.0
#include <linux/completion.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
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

/*
 * A Rust guard may be forgotten, and its thread exit with the lock held. Where
 * a lock points to its holder, those who wait for it read the holder's
 * task_struct, which therefore gets a reference for as long as it is held.
 */
#if defined(CONFIG_PREEMPT_RT) || defined(CONFIG_DEBUG_SPINLOCK)
# define SPINLOCK_HAS_HOLDER 1
#else
# define SPINLOCK_HAS_HOLDER 0
#endif

static inline void keep_holder(bool locked)
{
	if (locked)
		get_task_struct(current);
}

/* Never the last reference: a running task has one of its own. */
static inline void release_holder(bool locked)
{
	if (locked)
		put_task_struct(current);
}

void lb_spin_lock(spinlock_t *lock)
{
	spin_lock(lock);
	keep_holder(SPINLOCK_HAS_HOLDER);
}

void lb_spin_unlock(spinlock_t *lock)
{
	spin_unlock(lock);
	release_holder(SPINLOCK_HAS_HOLDER);
}

int lb_spin_trylock(spinlock_t *lock)
{
	int locked = spin_trylock(lock);

	keep_holder(SPINLOCK_HAS_HOLDER && locked);
	return locked;
}

unsigned long lb_spin_lock_irqsave(spinlock_t *lock)
{
	unsigned long flags;

	spin_lock_irqsave(lock, flags);
	keep_holder(SPINLOCK_HAS_HOLDER);
	return flags;
}

void lb_spin_unlock_irqrestore(spinlock_t *lock, unsigned long flags)
{
	spin_unlock_irqrestore(lock, flags);
	release_holder(SPINLOCK_HAS_HOLDER);
}

bool lb_spin_trylock_irqsave(spinlock_t *lock, unsigned long *flags)
{
	bool locked = spin_trylock_irqsave(lock, *flags);

	keep_holder(SPINLOCK_HAS_HOLDER && locked);
	return locked;
}

void lb_mutex_init(struct mutex *lock, const char *name, struct lock_class_key *key)
{
	__mutex_init(lock, name, key);
}

void lb_mutex_lock(struct mutex *lock)
{
	mutex_lock(lock);
	keep_holder(true);
}

int lb_mutex_trylock(struct mutex *lock)
{
	int locked = mutex_trylock(lock);

	keep_holder(locked);
	return locked;
}

void lb_mutex_unlock(struct mutex *lock)
{
	mutex_unlock(lock);
	release_holder(true);
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
 * finish_wait() that tells whether a wake-up has taken the entry off the
 * queue. If so, nobody else gets that wake-up, so the caller must not drop it.
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
