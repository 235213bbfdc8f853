// SPDX-License-Identifier: GPL-2.0
#include <linux/bug.h>
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/stacktrace.h>
#include <linux/string.h>

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

/* The name of the module that this code is in. It stays as long as the code. */
const char *lb_module_name(void)
{
	return THIS_MODULE->name;
}

#ifdef CONFIG_STACKTRACE
/* What a panic calls before lb_caller_name(), and a few callers that are inlined nowhere. */
#define LB_FRAMES 16

/*
 * Returns whether the function only reports what another one did wrong: it is a shim, core's, or
 * the crate's handler of panics. A name of Rust's ("v0") begins with the tags of its path. Numbers
 * among them end with an underscore: the crate's is the one in front of a digit, with which the
 * crate's name begins.
 */
static bool lb_is_reporter(const char *name)
{
	const char *crate = name;

	if (strncmp(name, "_R", 2))
		return !strncmp(name, "lb_", 3);
	do {
		crate = strchrnul(crate, '_');
		if (!*crate)
			return false;
	} while (!isdigit(*++crate));
	return !strncmp(crate, "4core", 5) || !strncmp(crate, "7___rustc", 9) || !strncmp(crate, "6kernel3bug", 11);
}
#endif

/*
 * Writes " in NAME" for the innermost function that is neither core's nor a part of the report, or
 * nothing if it is not known. The name is the linker's, and ASCII. Returns the length.
 */
size_t lb_caller_name(char *text, size_t size)
{
#ifdef CONFIG_STACKTRACE
	unsigned long addresses[LB_FRAMES];
	unsigned int count = stack_trace_save(addresses, LB_FRAMES, 0);
	unsigned int i;
	size_t length;

	for (i = 0; i < count; i++) {
		/* NAME+OFFSET/SIZE [MODULE] */
		scnprintf(text, size, " in %pB", (void *)addresses[i]);
		for (length = 0; isascii(text[length]) && text[length] && text[length] != '+'; length++)
			;
		if (!lb_is_reporter(text + 4))
			return length;
	}
#endif
	return 0;
}
