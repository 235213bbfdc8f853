// SPDX-License-Identifier: GPL-2.0
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

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

/* Returns 0 while the module starts, 1 while it lives, and 2 from the beginning of its end. */
int lb_module_progress(void)
{
	switch (READ_ONCE(THIS_MODULE->state)) {
	case MODULE_STATE_LIVE:
		return 1;
	case MODULE_STATE_GOING:
		return 2;
	default:
		return 0;
	}
}

/* Waits until nobody who came before sets or shows a parameter of the module. May sleep. */
void lb_module_param_barrier(void)
{
	kernel_param_lock(THIS_MODULE);
	kernel_param_unlock(THIS_MODULE);
}
