// SPDX-License-Identifier: GPL-2.0
#include <linux/device.h>
#include <linux/dynamic_debug.h>
#include <linux/printk.h>

#include "helpers.h"

/*
 * %pA, which prints Rust's format arguments, exists with CONFIG_RUST alone. So the caller has
 * formatted the text.
 */
int lb_printk_module(const char *level, const char *name, const char *text, int len)
{
	return _printk("%s%s: %.*s", level, name, len, text);
}

int lb_printk_cont(const char *text, int len)
{
	return _printk(KERN_CONT "%.*s", len, text);
}

void lb_dev_printk_text(const char *level, const struct device *dev, const char *text, int len)
{
	_dev_printk(level, dev, "%.*s", len, text);
}

/* C calls these two with DYNAMIC_DEBUG_MODULE alone, which the functions themselves do not need. */
#ifdef CONFIG_DYNAMIC_DEBUG_CORE
void lb_dynamic_pr_debug(void *site, const char *name, const char *text, int len)
{
	__dynamic_pr_debug(site, "%s: %.*s", name, len, text);
}

void lb_dynamic_dev_dbg(void *site, const struct device *dev, const char *text, int len)
{
	__dynamic_dev_dbg(site, dev, "%.*s", len, text);
}
#endif

/* Writes what printk writes for %p: a hash, which does not reveal the address. */
int lb_hash_pointer(char *buf, size_t size, const void *ptr)
{
	return scnprintf(buf, size, "%p", ptr);
}
