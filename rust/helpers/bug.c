// SPDX-License-Identifier: GPL-2.0
#include <linux/bug.h>
#include <linux/sched.h>
#include <linux/sched/task.h>

#include "helpers.h"

/*
 * Ends the thread, with all its locks held. A mutex or an rw_semaphore of C's points to its holder,
 * and the tasks that wait for it read the holder's task_struct. So the task_struct stays for good.
 */
void __noreturn lb_BUG(void)
{
	get_task_struct(current);
	BUG();
}

void lb_WARN_ON(void)
{
	WARN_ON(1);
}
