// SPDX-License-Identifier: GPL-2.0
#include <linux/clk.h>

#include "helpers.h"

struct clk *lb_clk_get_optional(struct device *dev, const char *id)
{
	return clk_get_optional(dev, id);
}
