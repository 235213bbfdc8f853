// SPDX-License-Identifier: GPL-2.0
#include <linux/dma-mapping.h>

#include "helpers.h"

/* Returns whether C may be asked for memory. For any other device C warns. */
bool lb_dma_is_capable(struct device *dev)
{
	return dev->dma_mask && *dev->dma_mask && dev->coherent_dma_mask;
}

int lb_dma_set_mask_and_coherent(struct device *dev, u64 mask)
{
	return dma_set_mask_and_coherent(dev, mask);
}

/* C warns about a device that has no dma_parms. */
int lb_dma_set_max_seg_size(struct device *dev, unsigned int size)
{
	if (!dev->dma_parms)
		return -EIO;
	dma_set_max_seg_size(dev, size);
	return 0;
}

/*
 * dma_map_single() without its look at the address, which no caller of the crate's needs: buffers
 * are kmalloc()ed. With the debugging of C's DMA API it is looked at.
 */
static inline dma_addr_t map_single(struct device *dev, void *ptr, size_t size, enum dma_data_direction dir)
{
	if (IS_ENABLED(CONFIG_DMA_API_DEBUG))
		return dma_map_single(dev, ptr, size, dir);
	return dma_map_page(dev, virt_to_page(ptr), offset_in_page(ptr), size, dir);
}

/*
 * Fills in all of a mapping but its device; false if there is none. Whether a mapping needs to be
 * synchronised does not change while it lasts: the device's own flag is cleared by a mapping that
 * needs it, for those that come after.
 */
bool LB_CALLED lb_dma_map_single(struct lb_dma_mapping *m, void *ptr, size_t size, enum dma_data_direction dir)
{
	dma_addr_t dma = map_single(m->dev, ptr, size, dir);

	if (dma_mapping_error(m->dev, dma))
		return false;
	m->dma = dma;
	m->size = size;
	m->dir = dir;
	/* The debugging of C's DMA API looks at each call. */
	m->needs_sync = IS_ENABLED(CONFIG_DMA_API_DEBUG) || dma_need_sync(m->dev, dma);
	return true;
}

void LB_CALLED lb_dma_unmap_single(const struct lb_dma_mapping *m)
{
	dma_unmap_single(m->dev, m->dma, m->size, m->dir);
}

void LB_CALLED lb_dma_sync_single_for_cpu(const struct lb_dma_mapping *m)
{
	dma_sync_single_for_cpu(m->dev, m->dma, m->size, m->dir);
}

void LB_CALLED lb_dma_sync_single_for_device(const struct lb_dma_mapping *m)
{
	dma_sync_single_for_device(m->dev, m->dma, m->size, m->dir);
}

unsigned int lb_dma_get_max_seg_size(struct device *dev)
{
	return dma_get_max_seg_size(dev);
}

void lb_dma_unmap_sgtable(struct device *dev, struct sg_table *sgt, enum dma_data_direction dir)
{
	dma_unmap_sgtable(dev, sgt, dir, 0);
}

void lb_dma_sync_sgtable_for_cpu(struct device *dev, struct sg_table *sgt, enum dma_data_direction dir)
{
	dma_sync_sgtable_for_cpu(dev, sgt, dir);
}

void lb_dma_sync_sgtable_for_device(struct device *dev, struct sg_table *sgt, enum dma_data_direction dir)
{
	dma_sync_sgtable_for_device(dev, sgt, dir);
}

struct scatterlist *lb_sg_next(struct scatterlist *sg)
{
	return sg_next(sg);
}

dma_addr_t lb_sg_dma_address(struct scatterlist *sg)
{
	return sg_dma_address(sg);
}

unsigned int lb_sg_dma_len(struct scatterlist *sg)
{
	return sg_dma_len(sg);
}
