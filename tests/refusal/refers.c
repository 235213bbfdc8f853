// SPDX-License-Identifier: GPL-2.0
/*
 * This module refers to the marker of the patched driver core, as a driver that was built for it
 * does. It refers to nothing else that a kernel may lack. It stands for such a driver on a kernel
 * that differs in the patch alone.
 */
#include <linux/init.h>
#include <linux/module.h>

extern const int lifebound_post_unbind_marker;

static int __init refers_init(void)
{
	return READ_ONCE(lifebound_post_unbind_marker) == 1 ? 0 : -ENODEV;
}
module_init(refers_init);

static void __exit refers_exit(void)
{
}
module_exit(refers_exit);

MODULE_DESCRIPTION("Needs the patched driver core");
MODULE_LICENSE("GPL");
