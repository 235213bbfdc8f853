// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <shared.h>

int inner_answer(void);
int inner_answer(void)
{
	return SHARED_ANSWER;
}
EXPORT_SYMBOL_GPL(inner_answer);

MODULE_DESCRIPTION("A module in a directory called build, which exports a symbol");
MODULE_LICENSE("GPL");
