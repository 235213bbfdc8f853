// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include <linux/unaligned.h>

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
 * A number is copied in one access, as C does it: copy_to_user() looks first whether the memory of
 * the kernel is such as may be copied, which takes longer than all else. Return the number of bytes
 * that are missing.
 */
#define LB_NUMBER(type)								\
static unsigned long lb_put_##type(void __user *to, const void *from)		\
{										\
	return put_user(get_unaligned((const type *)from), (type __user *)to) ?	\
		sizeof(type) : 0;						\
}										\
static unsigned long lb_get_##type(void *to, const void __user *from)		\
{										\
	unsigned long missing;							\
	type value;								\
										\
	missing = get_user(value, (const type __user *)from) ? sizeof(type) : 0;	\
	put_unaligned(value, (type *)to);					\
	return missing;								\
}

LB_NUMBER(u32)
LB_NUMBER(u64)

/*
 * C's functions warn about more than INT_MAX bytes, and copy nothing. The functions here copy such
 * an amount piece by piece.
 */
static noinline unsigned long lb_copy_bytes_from_user(void *to, const void __user *from, unsigned long n)
{
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

unsigned long LB_CALLED lb_copy_from_user(void *to, const void __user *from, unsigned long n)
{
	if (!lb_has_user())
		return n;
	if (n == sizeof(u32))
		return lb_get_u32(to, from);
	if (n == sizeof(u64))
		return lb_get_u64(to, from);
	return lb_copy_bytes_from_user(to, from, n);
}

static noinline unsigned long lb_copy_bytes_to_user(void __user *to, const void *from, unsigned long n)
{
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

unsigned long LB_CALLED lb_copy_to_user(void __user *to, const void *from, unsigned long n)
{
	if (!lb_has_user())
		return n;
	if (n == sizeof(u32))
		return lb_put_u32(to, from);
	if (n == sizeof(u64))
		return lb_put_u64(to, from);
	return lb_copy_bytes_to_user(to, from, n);
}

long lb_strncpy_from_user(char *to, const char __user *from, long n)
{
	return lb_has_user() ? strncpy_from_user(to, from, n) : -EFAULT;
}
