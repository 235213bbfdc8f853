// SPDX-License-Identifier: GPL-2.0
#include <linux/kmsg_dump.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "machines.h"

#if IS_ENABLED(CONFIG_KUNIT)

/*
 * The running test, from Rust's side.
 *
 * Invariants
 *
 * KUNIT-RUNNING: from lb_kunit_enter() to lb_kunit_leave(), or to the next test, lb_kunit_test is the test that KUnit runs.
 * KUnit runs one at a time. Other tasks of the test are waited for before it ends.
 *
 * KUNIT-JOINED: a thread's structure stays until lb_kunit_thread_join() has returned; then the thread has run to its end.
 */

/* No record of the log is longer, with its time. */
#define LB_KUNIT_LINE 2048

/* KUNIT-RUNNING */
static struct kunit *lb_kunit_test;

/* Whether the current task is the one that runs the test. */
bool lb_kunit_in_test(void)
{
	return current->kunit_test;
}

void lb_kunit_enter(struct kunit *test)
{
	WRITE_ONCE(lb_kunit_test, test);
}

void lb_kunit_leave(void)
{
	WRITE_ONCE(lb_kunit_test, NULL);
}

/*
 * Makes the running test a failed one. Ends its task, if that is the current one. Returns to any other, such as a
 * thread or a work item that the test waits for: false if no test is running.
 */
bool lb_kunit_fail(const char *file, int file_len, int line, const char *text, int len)
{
	struct kunit *test = current->kunit_test ?: READ_ONCE(lb_kunit_test);
	struct kunit_fail_assert assertion = {};
	char path[128];
	struct kunit_loc loc = { .line = line, .file = path };

	if (!test)
		return false;
	scnprintf(path, sizeof(path), "%.*s", file_len, file);
	__kunit_do_failed_assertion(test, &loc, KUNIT_ASSERTION, &assertion.assert, kunit_fail_assert_format,
				    "%.*s", len, text);
	if (current->kunit_test)
		__kunit_abort(test);
	return true;
}

/*
 * Has the nth allocation of this task, counted from now, fail; 0: none. Returns what was left of the last such order: 0
 * if the allocation has failed.
 */
unsigned int lb_kunit_fail_nth(unsigned int nth)
{
#ifdef CONFIG_FAULT_INJECTION
	unsigned int left = READ_ONCE(current->fail_nth);

	WRITE_ONCE(current->fail_nth, nth);
	return left;
#else
	return nth;
#endif
}

static int lb_kunit_thread_main(void *arg)
{
	struct lb_kunit_thread *thread = arg;

	thread->run(thread->arg);
	complete(&thread->done);
	return 0;
}

int lb_kunit_thread_start(struct lb_kunit_thread *thread, void (*run)(void *arg), void *arg)
{
	init_completion(&thread->done);
	thread->run = run;
	thread->arg = arg;
	thread->task = kthread_create(lb_kunit_thread_main, thread, "lifebound_kunit");
	if (IS_ERR(thread->task))
		return PTR_ERR(thread->task);
	get_task_struct(thread->task);
	wake_up_process(thread->task);
	return 0;
}

/* A thread that is stopped before it has begun would never run, so it is let finish first. */
void lb_kunit_thread_join(struct lb_kunit_thread *thread)
{
	wait_for_completion(&thread->done);
	kthread_stop_put(thread->task);
}

/* How many lines of the kernel's log contain the text. */
int lb_kunit_count_logged(const char *text)
{
	struct kmsg_dump_iter iter;
	size_t len;
	char *line;
	int count = 0;

	line = kmalloc(LB_KUNIT_LINE, GFP_KERNEL);
	if (!line)
		return -ENOMEM;
	kmsg_dump_rewind(&iter);
	while (kmsg_dump_get_line(&iter, false, line, LB_KUNIT_LINE, &len))
		count += !!strnstr(line, text, len);
	kfree(line);
	return count;
}

#endif
