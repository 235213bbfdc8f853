// SPDX-License-Identifier: GPL-2.0
/* Beside this directory, not beside the link to it. */
#include "../include/shared.h"

int deep_part(void);
int deep_part(void)
{
	return SHARED_ANSWER;
}
