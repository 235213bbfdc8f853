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
 * Whether work that is queued once at most has been run, and its function has returned. work_busy() tells no more than a
 * hint of work that may be queued again. Of other work it is right: a worker is known as the one that runs the work, under
 * the pool's lock, before the work is pending no more, and until its function has returned.
 */
bool lb_work_is_done(struct work_struct *work)
{
	return !work_busy(work);
}

bool lb_delayed_work_pending(struct delayed_work *dwork)
{
	return delayed_work_pending(dwork);
}
