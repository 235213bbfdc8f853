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

dma_addr_t lb_dma_map_single(struct device *dev, void *ptr, size_t size, enum dma_data_direction dir)
{
	return dma_map_single(dev, ptr, size, dir);
}

void lb_dma_unmap_single(struct device *dev, dma_addr_t addr, size_t size, enum dma_data_direction dir)
{
	dma_unmap_single(dev, addr, size, dir);
}

bool lb_dma_mapping_error(struct device *dev, dma_addr_t addr)
{
	return dma_mapping_error(dev, addr);
}

void lb_dma_sync_single_for_cpu(struct device *dev, dma_addr_t addr, size_t size, enum dma_data_direction dir)
{
	dma_sync_single_for_cpu(dev, addr, size, dir);
}

void lb_dma_sync_single_for_device(struct device *dev, dma_addr_t addr, size_t size, enum dma_data_direction dir)
{
	dma_sync_single_for_device(dev, addr, size, dir);
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
