// SPDX-License-Identifier: GPL-2.0
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/spinlock.h>

#include "machines.h"

/*
 * Locks whose holder may exit. Safe Rust may forget a guard, and its thread may exit with the lock
 * held. If a lock points to its holder, the tasks that wait for the lock read the holder's
 * task_struct.
 *
 * Invariants
 *
 * Owner: the task that holds a lock owns one reference to its own task_struct for that. If the
 * guard is forgotten, nobody gives the reference up, and the task_struct stays.
 *
 * Fields: this file has none. The locks are the callers', and are initialised.
 *
 * Calls: each function may be called where the C function in it may be. The task that has locked
 * is the one that unlocks.
 *
 * HOLDER-KEPT: the holder of a mutex, or of a spin lock that points to its holder, has a reference
 * to its task_struct for that. The holder takes it after it has locked, and gives it up after it
 * has unlocked. This reference is never the last: a running task has one of its own.
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

void LB_CALLED lb_spin_lock(spinlock_t *lock)
{
	spin_lock(lock);
	keep_holder(SPINLOCK_HAS_HOLDER);
}

void LB_CALLED lb_spin_unlock(spinlock_t *lock)
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

unsigned long LB_CALLED lb_spin_lock_irqsave(spinlock_t *lock)
{
	unsigned long flags;

	spin_lock_irqsave(lock, flags);
	keep_holder(SPINLOCK_HAS_HOLDER);
	return flags;
}

void LB_CALLED lb_spin_unlock_irqrestore(spinlock_t *lock, unsigned long flags)
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

void LB_CALLED lb_mutex_lock(struct mutex *lock)
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

void LB_CALLED lb_mutex_unlock(struct mutex *lock)
{
	mutex_unlock(lock);
	release_holder(true);
}
