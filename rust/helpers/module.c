// SPDX-License-Identifier: GPL-2.0
#include <linux/delay.h>
#include <linux/module.h>

#include "helpers.h"

/*
 * Waits until nobody refers to the module. If a module's start fails, C frees it even if it is in
 * use: in C, a module registers as its last step, and then nothing fails. The start itself has one
 * reference.
 */
void lb_module_wait_until_unused(void)
{
#ifdef CONFIG_MODULE_UNLOAD
	while (module_refcount(THIS_MODULE) > 1)
		msleep(20);
#endif
}
