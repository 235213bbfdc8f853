// SPDX-License-Identifier: GPL-2.0
#include <linux/bug.h>

#include "helpers.h"

void __noreturn lb_BUG(void)
{
	BUG();
}

void lb_WARN_ON(void)
{
	WARN_ON(1);
}
