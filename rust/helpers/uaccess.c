// SPDX-License-Identifier: GPL-2.0
#include <linux/sizes.h>
#include <linux/uaccess.h>

#include "helpers.h"

/* C's functions warn about more than INT_MAX bytes, and copy nothing; these copy it piece by piece. */
unsigned long lb_copy_from_user(void *to, const void __user *from, unsigned long n)
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

unsigned long lb_copy_to_user(void __user *to, const void *from, unsigned long n)
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

long lb_strncpy_from_user(char *to, const char __user *from, long n)
{
	return strncpy_from_user(to, from, n);
}
