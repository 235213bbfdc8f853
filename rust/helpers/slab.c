// SPDX-License-Identifier: GPL-2.0
#include <linux/limits.h>
#include <linux/nodemask.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "helpers.h"

/*
 * C warns about two kinds of requests, and these functions do not pass them on:
 *
 *   - More memory than C's allocator could ever have: the functions return NULL.
 *   - Memory that has no kernel address (__GFP_HIGHMEM): lb_krealloc() and lb_kvmalloc() clear this
 *     flag.
 */
void *lb_krealloc(const void *p, size_t size, gfp_t gfp, int node)
{
	if (size > KMALLOC_MAX_SIZE)
		return NULL;
	gfp &= ~__GFP_HIGHMEM;
	/* krealloc() takes no node; a fresh allocation can have one. */
	if (!p)
		return kmalloc_node(size, gfp, node);
	return krealloc(p, size, gfp);
}

/* Without a node, and not to be grown. */
void *lb_kmalloc(size_t size, gfp_t gfp)
{
	return size > KMALLOC_MAX_SIZE ? NULL : kmalloc(size, gfp);
}

/*
 * For sizes up to that of one of C's caches, which is chosen here for memory of the usual kind.
 * KASAN is told the size itself, behind which it finds an access.
 */
#ifdef CONFIG_KASAN
# define SIZE(cache) size
#else
# define SIZE(cache) (cache)
#endif

#define KMALLOC(cache)						\
void *LB_CALLED lb_kmalloc_##cache(size_t size, gfp_t gfp)	\
{								\
	if (likely(gfp == GFP_KERNEL))				\
		return kmalloc(SIZE(cache), GFP_KERNEL);	\
	return lb_kmalloc(size, gfp);				\
}

KMALLOC(8)
KMALLOC(16)
KMALLOC(32)
KMALLOC(64)
KMALLOC(96)
KMALLOC(128)
KMALLOC(192)
KMALLOC(256)
KMALLOC(512)
KMALLOC(1024)
KMALLOC(2048)
KMALLOC(4096)

void *lb_kvmalloc(size_t size, gfp_t gfp, int node)
{
	if (size > INT_MAX)
		return NULL;
	return kvmalloc_node(size, gfp & ~__GFP_HIGHMEM, node);
}

void *lb_vmalloc(size_t size, gfp_t gfp, int node)
{
	/*
	 * C does not export __vmalloc_node(). The functions that it exports take GFP_KERNEL alone,
	 * so with other flags the node is ignored.
	 */
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
