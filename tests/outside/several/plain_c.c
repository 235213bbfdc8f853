// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

static int __init plain_c_init(void)
{
	pr_info("plain_c: hello from C\n");
	return 0;
}
module_init(plain_c_init);

static void __exit plain_c_exit(void)
{
}
module_exit(plain_c_exit);

MODULE_DESCRIPTION("A module without Rust beside two with it");
MODULE_LICENSE("GPL");
