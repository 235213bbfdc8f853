// SPDX-License-Identifier: GPL-2.0
#include <linux/lockdep.h>
#include <linux/workqueue.h>

#include "helpers.h"

void lb_init_work(struct work_struct *work, work_func_t func)
{
	INIT_WORK(work, func);
}

bool lb_queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	return queue_work(wq, work);
}

void lb_init_delayed_work(struct delayed_work *dwork, work_func_t func)
{
	INIT_DELAYED_WORK(dwork, func);
}

void lb_delayed_work_set_class(struct delayed_work *dwork, struct lock_class_key *key)
{
#ifdef CONFIG_LOCKDEP
	lockdep_init_map(&dwork->work.lockdep_map, "lifebound_work", key, 0);
#endif
}

bool lb_queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay)
{
	return queue_delayed_work(wq, dwork, delay);
}

bool lb_mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay)
{
	return mod_delayed_work(wq, dwork, delay);
}

/*
 * Returns whether work that is queued at most once has been run, and its function has returned.
 *
 * For work that may be queued again, the result of work_busy() is only a hint. For work that is
 * queued once, the result is exact. With the pool's lock held, a worker is recorded as the one that
 * runs the work before the work stops being pending. The record stays until the function has
 * returned.
 */
bool lb_work_is_done(struct work_struct *work)
{
	return !work_busy(work);
}

bool lb_delayed_work_pending(struct delayed_work *dwork)
{
	return delayed_work_pending(dwork);
}
