/* SPDX-License-Identifier: GPL-2.0 */
#define SHARED_ANSWER 1
