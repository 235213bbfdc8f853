// SPDX-License-Identifier: GPL-2.0
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>

#include "helpers.h"

struct task_struct *lb_current(void)
{
	return current;
}

pid_t lb_task_pid_nr(struct task_struct *task)
{
	return task_pid_nr(task);
}

void lb_get_task_comm(struct task_struct *task, char comm[TASK_COMM_LEN])
{
	char name[TASK_COMM_LEN];

	/* This macro needs an array. Some kernels have no function for it. */
	get_task_comm(name, task);
	memcpy(comm, name, sizeof(name));
}

void lb_get_task_struct(struct task_struct *task)
{
	get_task_struct(task);
}

void lb_put_task_struct(struct task_struct *task)
{
	put_task_struct(task);
}

bool lb_signal_pending(void)
{
	return signal_pending(current);
}

void lb_might_sleep(void)
{
	might_sleep();
}
