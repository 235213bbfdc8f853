// SPDX-License-Identifier: GPL-2.0
#include <linux/types.h>

int second_part(void);

int second_part(void)
{
	return 1;
}
