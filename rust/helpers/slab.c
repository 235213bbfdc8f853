// SPDX-License-Identifier: GPL-2.0
#include <linux/limits.h>
#include <linux/nodemask.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "helpers.h"

/*
 * C warns about more than it could ever have, unless it is told not to, and about memory without an address of its own. Each
 * of these returns NULL for more, and takes the flag for such memory as none.
 */
void *lb_krealloc(const void *p, size_t size, gfp_t gfp, int node)
{
	if (size > KMALLOC_MAX_SIZE)
		return NULL;
	gfp &= ~__GFP_HIGHMEM;
	/* krealloc() has no node; a fresh allocation can have one. */
	if (!p)
		return kmalloc_node(size, gfp, node);
	return krealloc(p, size, gfp);
}

void *lb_kvmalloc(size_t size, gfp_t gfp, int node)
{
	if (size > INT_MAX)
		return NULL;
	return kvmalloc_node(size, gfp & ~__GFP_HIGHMEM, node);
}

void *lb_vmalloc(size_t size, gfp_t gfp, int node)
{
	/* __vmalloc_node() is not exported, and what is takes GFP_KERNEL only: other flags go without the node. */
	if (node != NUMA_NO_NODE && gfp == GFP_KERNEL)
		return vmalloc_node(size, node);
	if (node != NUMA_NO_NODE && gfp == (GFP_KERNEL | __GFP_ZERO))
		return vzalloc_node(size, node);
	return __vmalloc(size, gfp);
}

bool lb_node_online(int node)
{
	return node >= 0 && node < MAX_NUMNODES && node_online(node);
}
