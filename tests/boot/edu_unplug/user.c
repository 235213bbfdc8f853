// SPDX-License-Identifier: GPL-2.0
/* The driver's own. */
#include "../../../drivers/misc/edu/user.c"
