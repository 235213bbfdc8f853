// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/errname.h>

#include "helpers.h"

bool lb_IS_ERR(const void *ptr)
{
	return IS_ERR(ptr);
}

const char *lb_errname(int err)
{
	return errname(err);
}
