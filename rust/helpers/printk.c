// SPDX-License-Identifier: GPL-2.0
#include <linux/device.h>
#include <linux/dynamic_debug.h>
#include <linux/printk.h>

#include "helpers.h"

/*
 * %pA, which prints Rust's format arguments, exists with CONFIG_RUST alone. So the caller has
 * formatted the text.
 */
int lb_printk_module(const char *level, const char *name, const char *text)
{
	return _printk("%s%s: %s", level, name, text);
}

int lb_printk_cont(const char *text)
{
	return _printk(KERN_CONT "%s", text);
}

/* The format is "%s", or the text itself if no `%` is in it: C copies a format faster. */
void lb_dev_printk_text(const char *level, const struct device *dev, const char *format, const char *text)
{
	_dev_printk(level, dev, format, text);
}

/* C calls these two with DYNAMIC_DEBUG_MODULE alone, which the functions themselves do not need. */
#ifdef CONFIG_DYNAMIC_DEBUG_CORE
void lb_dynamic_pr_debug(void *site, const char *name, const char *text)
{
	__dynamic_pr_debug(site, "%s: %s", name, text);
}

void lb_dynamic_dev_dbg(void *site, const struct device *dev, const char *text)
{
	__dynamic_dev_dbg(site, dev, "%s", text);
}
#endif

/* Writes what printk writes for %p: a hash, which does not reveal the address. */
int lb_hash_pointer(char *buf, size_t size, const void *ptr)
{
	return scnprintf(buf, size, "%p", ptr);
}
