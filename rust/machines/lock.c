// SPDX-License-Identifier: GPL-2.0
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/spinlock.h>

#include "machines.h"

/*
 * Locks whose holder may go away. A Rust guard may be forgotten, and its thread exit with the lock held. Where a lock points
 * to its holder, those who wait for it read the holder's task_struct.
 *
 * Invariants
 *
 * HOLDER-KEPT: while a mutex, or a spin lock that points to its holder, is held, the holder's task_struct has a reference for
 * that. The holder takes it after locking and gives it up after unlocking, so it is never the last one: a running task has
 * one of its own.
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
