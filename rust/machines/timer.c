// SPDX-License-Identifier: GPL-2.0
#include <linux/hrtimer.h>
#include <linux/spinlock.h>
#include <linux/version.h>

#include "machines.h"

/*
 * A timer that can be ended for good. This is C because its lock is a raw spin lock: hrtimer_start() takes such locks, in
 * the timer's own interrupt.
 *
 *	start, again: [lock] not ended: hrtimer_start() [unlock]
 *	end:	      [lock] ended = true [unlock], hrtimer_cancel()
 *
 * Invariants
 *
 * TIMER-FINAL: once `ended` is set, nobody starts the timer: `ended` is looked at and the timer started under one lock. So
 * when lb_timer_end() has returned, the handler is not running and will not run.
 *
 * TIMER-ONCE: C never restarts the timer for its handler, which starts it anew: C's own way goes wrong if somebody else has
 * started it meanwhile.
 *
 * TIMER-RUNNER: while the handler runs, `runner` is the task in whose context it runs.
 */
static enum hrtimer_restart lb_timer_expired(struct hrtimer *hrtimer)
{
	struct lb_timer *timer = container_of(hrtimer, struct lb_timer, timer);

	WRITE_ONCE(timer->runner, current);
	timer->expired(timer);
	WRITE_ONCE(timer->runner, NULL);
	return HRTIMER_NORESTART;
}

void lb_timer_init(struct lb_timer *timer, void (*expired)(struct lb_timer *timer))
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0)
	hrtimer_init(&timer->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	timer->timer.function = lb_timer_expired;
#else
	hrtimer_setup(&timer->timer, lb_timer_expired, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
#endif
	raw_spin_lock_init(&timer->lock);
	timer->ended = false;
	timer->runner = NULL;
	timer->expired = expired;
}

static void lb_timer_start_mode(struct lb_timer *timer, ktime_t time, enum hrtimer_mode mode)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&timer->lock, flags);
	if (!timer->ended)
		hrtimer_start(&timer->timer, time, mode);
	raw_spin_unlock_irqrestore(&timer->lock, flags);
}

void lb_timer_start(struct lb_timer *timer, s64 delay)
{
	lb_timer_start_mode(timer, ns_to_ktime(max_t(s64, delay, 0)), HRTIMER_MODE_REL);
}

void lb_timer_again(struct lb_timer *timer, s64 interval)
{
	ktime_t next = hrtimer_get_expires(&timer->timer), now = ktime_get();

	interval = max_t(s64, interval, 1);
	next = ktime_add_safe(next, ns_to_ktime(interval));
	if (ktime_before(next, now))
		next = ktime_add_ns(next, (ktime_divns(ktime_sub(now, next), interval) + 1) * interval);
	lb_timer_start_mode(timer, next, HRTIMER_MODE_ABS);
}

/* Whether the handler runs here: on this processor, as the task is the one that it has interrupted. */
bool lb_timer_is_here(const struct lb_timer *timer)
{
	return READ_ONCE(timer->runner) == current;
}

bool lb_timer_cancel(struct lb_timer *timer)
{
	/* A handler does not wait for itself. */
	if (lb_timer_is_here(timer))
		return hrtimer_try_to_cancel(&timer->timer) > 0;
	return hrtimer_cancel(&timer->timer);
}

int lb_timer_try_to_cancel(struct lb_timer *timer)
{
	return hrtimer_try_to_cancel(&timer->timer);
}

bool lb_timer_active(struct lb_timer *timer)
{
	return hrtimer_active(&timer->timer);
}

void lb_timer_end(struct lb_timer *timer)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&timer->lock, flags);
	timer->ended = true;
	raw_spin_unlock_irqrestore(&timer->lock, flags);
	hrtimer_cancel(&timer->timer);
}
