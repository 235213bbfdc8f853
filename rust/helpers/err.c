// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>

#include "helpers.h"

bool lb_IS_ERR(const void *ptr)
{
	return IS_ERR(ptr);
}
