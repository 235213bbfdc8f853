// SPDX-License-Identifier: GPL-2.0
#include <linux/poll.h>
#include <linux/wait.h>

#include "helpers.h"

/* Initialises an entry for wait_woken(). */
void lb_init_wait_woken(struct wait_queue_entry *wait)
{
	init_wait(wait);
	wait->func = woken_wake_function;
}

void lb_poll_wait(struct file *file, struct wait_queue_head *wq, struct poll_table_struct *table)
{
	poll_wait(file, wq, table);
}
