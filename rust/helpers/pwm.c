// SPDX-License-Identifier: GPL-2.0
#include <linux/pwm.h>

#include "helpers.h"

void *lb_pwmchip_get_drvdata(const struct pwm_chip *chip)
{
	return dev_get_drvdata(&chip->dev);
}
