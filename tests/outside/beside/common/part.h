/* SPDX-License-Identifier: GPL-2.0 */
int common_part(void);
