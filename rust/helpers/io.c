// SPDX-License-Identifier: GPL-2.0
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/mm.h>

#include "helpers.h"

void __iomem *lb_ioremap(phys_addr_t start, resource_size_t size, bool posted)
{
	return posted ? ioremap(start, size) : ioremap_np(start, size);
}

bool lb_region_is_ram(resource_size_t start, resource_size_t size)
{
	return region_intersects(start, size, IORESOURCE_SYSTEM_RAM, IORES_DESC_NONE) != REGION_DISJOINT;
}

/*
 * Releases the claim below its own parent, not from the root on. C may have entered a range of the
 * same extent above the claim since then, and that range stays.
 */
void lb_release_claim(struct resource *claim)
{
	__release_region(claim->parent, claim->start, resource_size(claim));
}
