// SPDX-License-Identifier: GPL-2.0
#include <linux/nodemask.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "helpers.h"

void *lb_krealloc(const void *p, size_t size, gfp_t gfp, int node)
{
	/* krealloc() has no node; a fresh allocation can have one. */
	if (!p)
		return kmalloc_node(size, gfp, node);
	return krealloc(p, size, gfp);
}

void *lb_kvmalloc(size_t size, gfp_t gfp, int node)
{
	return kvmalloc_node(size, gfp, node);
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
