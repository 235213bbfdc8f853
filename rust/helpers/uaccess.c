// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>

#include "helpers.h"

/*
 * Returns whether a program has called the kernel. C's functions do not ask. In a kernel thread
 * they find the memory of the program that ran on the processor before, and in an interrupt the
 * memory of the interrupted program.
 */
static bool lb_has_user(void)
{
	return in_task() && current->mm;
}

/*
 * C's functions warn about more than INT_MAX bytes, and copy nothing. The functions here copy such
 * an amount piece by piece.
 */
unsigned long lb_copy_from_user(void *to, const void __user *from, unsigned long n)
{
	if (!lb_has_user())
		return n;
	while (n > SZ_1G) {
		unsigned long missing = copy_from_user(to, from, SZ_1G);

		if (missing)
			return n - SZ_1G + missing;
		to += SZ_1G;
		from += SZ_1G;
		n -= SZ_1G;
	}
	return copy_from_user(to, from, n);
}

unsigned long lb_copy_to_user(void __user *to, const void *from, unsigned long n)
{
	if (!lb_has_user())
		return n;
	while (n > SZ_1G) {
		unsigned long missing = copy_to_user(to, from, SZ_1G);

		if (missing)
			return n - SZ_1G + missing;
		to += SZ_1G;
		from += SZ_1G;
		n -= SZ_1G;
	}
	return copy_to_user(to, from, n);
}

long lb_strncpy_from_user(char *to, const char __user *from, long n)
{
	return lb_has_user() ? strncpy_from_user(to, from, n) : -EFAULT;
}
