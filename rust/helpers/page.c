// SPDX-License-Identifier: GPL-2.0
#include <linux/gfp.h>
#include <linux/mm.h>

#include "helpers.h"

/* One page that has a kernel address: __GFP_HIGHMEM is cleared. */
struct page *lb_alloc_page(gfp_t gfp)
{
	return alloc_page(gfp & ~__GFP_HIGHMEM);
}

void lb_free_page(struct page *page)
{
	__free_page(page);
}

void *lb_page_address(const struct page *page)
{
	return page_address(page);
}

int lb_page_to_nid(const struct page *page)
{
	return page_to_nid(page);
}
