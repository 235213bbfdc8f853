// SPDX-License-Identifier: GPL-2.0
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/timekeeping.h>
#include <linux/version.h>

#include "helpers.h"

ktime_t lb_ktime_get(void)
{
	return ktime_get();
}

ktime_t lb_ktime_get_real(void)
{
	return ktime_get_real();
}

ktime_t lb_ktime_get_boottime(void)
{
	return ktime_get_boottime();
}

ktime_t lb_ktime_get_clocktai(void)
{
	return ktime_get_clocktai();
}

void lb_fsleep(unsigned long usecs)
{
	fsleep(usecs);
}

void lb_udelay(unsigned long usecs)
{
	udelay(usecs);
}

unsigned long lb_msecs_to_jiffies(unsigned int m)
{
	return msecs_to_jiffies(m);
}

void lb_hrtimer_setup(struct hrtimer *timer, enum hrtimer_restart (*function)(struct hrtimer *timer))
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0)
	hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	timer->function = function;
#else
	hrtimer_setup(timer, function, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
#endif
}

ktime_t lb_hrtimer_get_expires(const struct hrtimer *timer)
{
	return hrtimer_get_expires(timer);
}
