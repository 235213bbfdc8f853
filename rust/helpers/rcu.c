// SPDX-License-Identifier: GPL-2.0
#include <linux/rcupdate.h>

#include "helpers.h"

void lb_rcu_read_lock(void)
{
	rcu_read_lock();
}

void lb_rcu_read_unlock(void)
{
	rcu_read_unlock();
}

void lb_synchronize_rcu(void)
{
	synchronize_rcu();
}

void lb_rcu_barrier(void)
{
	rcu_barrier();
}
