// SPDX-License-Identifier: GPL-2.0
#include <linux/kmsg_dump.h>
#include <linux/kthread.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "machines.h"

#if IS_ENABLED(CONFIG_KUNIT)

/*
 * The test that KUnit runs, as Rust sees it: failures, failing allocations, threads, the log.
 *
 * Invariants
 *
 * Owner: KUnit owns the struct kunit. The caller of lb_kunit_thread_start() owns the thread's
 * structure.
 *
 * Fields: the task that KUnit runs a test in writes lb_kunit_test; others read it once, without a
 * lock. `run` and `arg` of a thread do not change after it has started. Each task writes its own
 * fail_nth.
 *
 * Calls: lb_kunit_thread_start(), lb_kunit_thread_join() and lb_kunit_count_logged() may sleep. A
 * thread that was started is joined once.
 *
 * KUNIT-RUNNING: from lb_kunit_enter() to lb_kunit_leave(), or to the next test, lb_kunit_test is
 * the test that KUnit runs. KUnit runs one test at a time. A test ends after all its other tasks.
 *
 * KUNIT-JOINED: a thread's structure stays until lb_kunit_thread_join() has returned. By then the
 * thread has run to its end.
 */

/* A record of the log, with its time, is not longer than this. Bytes. */
#define LB_KUNIT_LINE 2048

/* KUNIT-RUNNING */
static struct kunit *lb_kunit_test;

/* Returns whether the current task is the one that runs the test. */
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
 * Makes the running test fail. If the current task is the test's, this ends the task. It returns to
 * any other task, such as a thread or a work item that the test waits for. Returns false if no test
 * is running.
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
	/* An interrupt of the test's task is not the test. */
	if (current->kunit_test && in_task())
		__kunit_abort(test);
	return true;
}

/*
 * Makes the nth allocation of this task, counted from now, fail; with 0, none fails. Returns how
 * many allocations the last call still had to go: 0 if its allocation has failed.
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

/*
 * Waits until the thread has finished, and frees it. A thread that is stopped before it has begun
 * would never run, so this waits for `done` first.
 */
void lb_kunit_thread_join(struct lb_kunit_thread *thread)
{
	wait_for_completion(&thread->done);
	kthread_stop_put(thread->task);
}

/* Returns how many lines of the kernel's log contain the text, or -ENOMEM. */
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
