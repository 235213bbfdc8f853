// SPDX-License-Identifier: GPL-2.0
#include <linux/bug.h>
#include <linux/sched.h>
#include <linux/sched/task.h>

#include "helpers.h"

/*
 * The thread ends here, with all that it has locked. C's own mutexes and rw_semaphores point to their holder, which those
 * who wait for them look at; so its task_struct stays for good.
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
