// SPDX-License-Identifier: GPL-2.0
#include <linux/delay.h>
#include <linux/module.h>

#include "helpers.h"

/*
 * C frees a module whose start failed without a look at its references: those who register something in C do it last.
 * One is held for the start itself.
 */
void lb_module_wait_until_unused(void)
{
#ifdef CONFIG_MODULE_UNLOAD
	while (module_refcount(THIS_MODULE) > 1)
		msleep(20);
#endif
}
