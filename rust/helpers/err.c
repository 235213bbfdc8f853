// SPDX-License-Identifier: GPL-2.0
#include <linux/errname.h>

#include "helpers.h"

const char *lb_errname(int err)
{
	return errname(err);
}
