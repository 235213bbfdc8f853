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
 * to its task_struct for that. It need not have it while it runs in lock() and unlock(), since a
 * running task has a reference of its own. So this reference is never the last, and is counted
 * without a look for 0. As with get_task_struct(), a count that overflows stays where it is, and
 * the task_struct is never freed: a task can forget 2^31 guards.
 */
#if defined(CONFIG_PREEMPT_RT) || defined(CONFIG_DEBUG_SPINLOCK)
# define SPINLOCK_HAS_HOLDER 1
#else
# define SPINLOCK_HAS_HOLDER 0
#endif

static __always_inline bool overflows(int n)
{
	return unlikely(atomic_add_negative(n, &current->usage.refs));
}

static noinline void keep_saturated(void)
{
	refcount_warn_saturate(&current->usage, REFCOUNT_ADD_OVF);
}

static noinline void release_saturated(void)
{
	refcount_warn_saturate(&current->usage, REFCOUNT_SUB_UAF);
}

static inline void keep_holder(bool locked)
{
	if (locked && overflows(1))
		keep_saturated();
}

static inline void release_holder(bool locked)
{
	if (locked && overflows(-1))
		release_saturated();
}

void LB_CALLED lb_spin_lock(spinlock_t *lock)
{
	keep_holder(SPINLOCK_HAS_HOLDER);
	spin_lock(lock);
}

void LB_CALLED lb_spin_unlock(spinlock_t *lock)
{
	release_holder(SPINLOCK_HAS_HOLDER);
	spin_unlock(lock);
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

static noinline void mutex_lock_saturated(struct mutex *lock)
{
	keep_saturated();
	mutex_lock(lock);
}

static noinline void mutex_unlock_saturated(struct mutex *lock)
{
	release_saturated();
	mutex_unlock(lock);
}

void LB_CALLED lb_mutex_lock(struct mutex *lock)
{
	/* So written, no register is saved for the call that never is. */
	if (overflows(1))
		return mutex_lock_saturated(lock);
	mutex_lock(lock);
}

int lb_mutex_trylock(struct mutex *lock)
{
	int locked = mutex_trylock(lock);

	keep_holder(locked);
	return locked;
}

void LB_CALLED lb_mutex_unlock(struct mutex *lock)
{
	if (overflows(-1))
		return mutex_unlock_saturated(lock);
	mutex_unlock(lock);
}
