// SPDX-License-Identifier: GPL-2.0
/* Calls what the module in Rust exports. */
#include <linux/module.h>

u32 export_symbol_twice(u32 x);
u64 export_symbol_half(u64 x);

static int __init export_user_init(void)
{
	pr_info("export_user: twice 21 is %u, half of 84 is %llu\n", export_symbol_twice(21), export_symbol_half(84));
	return 0;
}

static void __exit export_user_exit(void)
{
}

module_init(export_user_init);
module_exit(export_user_exit);
MODULE_DESCRIPTION("Calls what a module in Rust exports");
MODULE_LICENSE("GPL");
