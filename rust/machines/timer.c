// SPDX-License-Identifier: GPL-2.0
#include <linux/hrtimer.h>
#include <linux/spinlock.h>
#include <linux/version.h>

#include "machines.h"

/*
 * A timer that can be ended for good. This is C because its lock is a raw spin lock:
 * hrtimer_start() is called with it held, in the timer's own interrupt too, and takes raw spin
 * locks itself.
 *
 *	start, again:	[lock]  if not ended: hrtimer_start()  [unlock]
 *	end:		[lock]  ended = true  [unlock]  hrtimer_cancel()
 *
 * Invariants
 *
 * Owner: the caller of lb_timer_init() owns the memory. The memory stays in place until
 * lb_timer_end() has returned.
 *
 * Fields: `lock` protects `ended`, and the start of `timer`. `expired` does not change after init.
 * The handler alone writes `runner`; others read it without a lock, and compare it with themselves.
 *
 * Calls: lb_timer_cancel() and lb_timer_end() wait for the handler. They are called in process
 * context. lb_timer_cancel() may be called in the handler, too, and does not wait there.
 * lb_timer_again() is called in the handler alone. All other functions may be called in any context
 * but NMI.
 *
 * TIMER-FINAL: once `ended` is set, nobody starts the timer: one lock is held to read `ended` and
 * to start the timer. So when lb_timer_end() has returned, the handler is not running and will not
 * run.
 *
 * TIMER-ONCE: the handler starts the timer anew by hrtimer_start(), and tells C not to restart it.
 * HRTIMER_RESTART would go wrong if another thread had started the timer meanwhile.
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

/* Makes the timer fire `delay` nanoseconds from now; at once if that is negative. */
void LB_CALLED lb_timer_start(struct lb_timer *timer, s64 delay)
{
	lb_timer_start_mode(timer, ns_to_ktime(max_t(s64, delay, 0)), HRTIMER_MODE_REL);
}

/*
 * Makes the timer fire again, a multiple of `interval` nanoseconds after it was to fire last. The
 * multiple is the first that is still to come.
 */
void lb_timer_again(struct lb_timer *timer, s64 interval)
{
	ktime_t next = hrtimer_get_expires(&timer->timer), now = ktime_get();

	interval = max_t(s64, interval, 1);
	next = ktime_add_safe(next, ns_to_ktime(interval));
	if (ktime_before(next, now))
		next = ktime_add_ns(next, (ktime_divns(ktime_sub(now, next), interval) + 1) * interval);
	lb_timer_start_mode(timer, next, HRTIMER_MODE_ABS);
}

/*
 * Returns whether the handler runs here, on this processor: the current task is the one that the
 * handler has interrupted.
 */
bool lb_timer_is_here(const struct lb_timer *timer)
{
	return READ_ONCE(timer->runner) == current;
}

/* Stops the timer, and waits for its handler. Returns whether the timer was running. */
bool LB_CALLED lb_timer_cancel(struct lb_timer *timer)
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
