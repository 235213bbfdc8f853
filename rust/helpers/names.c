// SPDX-License-Identifier: GPL-2.0
#include <linux/array_size.h>
#include <linux/ctype.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "helpers.h"

static bool lb_is_file_name(const char *name, size_t longest)
{
	size_t length = strlen(name), i;

	if (!length || length > longest || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (i = 0; i < length; i++)
		if (name[i] == '/' || name[i] == '!' || iscntrl(name[i]))
			return false;
	return true;
}

/*
 * Returns whether C can make a file of this name. If not, prints that it is no name for `what`.
 *
 * Context: any context.
 */
bool lb_check_file_name(const char *what, const char *name, size_t longest)
{
	if (lb_is_file_name(name, longest))
		return true;
	pr_err("lifebound: \"%*pE\" is no name for %s: 1 to %zu bytes, without `/', `!' and control characters, and not `.' or `..'\n",
	       (int)min_t(size_t, strlen(name), 64), name, what, longest);
	return false;
}

/*
 * The files that C has in an interrupt's directory in /proc/irq, beside a directory for each
 * handler. C warns about a second entry of the same name.
 */
static const char *const lb_irq_files[] = {
	"affinity_hint", "effective_affinity", "effective_affinity_list", "node", "smp_affinity", "smp_affinity_list",
	"spurious",
};

bool lb_check_irq_name(const char *name)
{
	if (match_string(lb_irq_files, ARRAY_SIZE(lb_irq_files), name) < 0)
		return true;
	pr_err("lifebound: \"%s\" is no name for an interrupt handler: C has a file of that name\n", name);
	return false;
}
