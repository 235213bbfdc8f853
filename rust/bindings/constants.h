/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Macros that bindgen cannot evaluate (casts, sizeof, enum expressions), as
 * constants that it can evaluate. LB_<NAME> stands for the C macro <NAME>.
 */
static const gfp_t LB_GFP_ATOMIC = GFP_ATOMIC;
static const gfp_t LB_GFP_KERNEL = GFP_KERNEL;
static const gfp_t LB_GFP_KERNEL_ACCOUNT = GFP_KERNEL_ACCOUNT;
static const gfp_t LB_GFP_NOIO = GFP_NOIO;
static const gfp_t LB_GFP_NOWAIT = GFP_NOWAIT;
static const gfp_t LB___GFP_ZERO = __GFP_ZERO;
static const gfp_t LB___GFP_HIGHMEM = __GFP_HIGHMEM;
static const gfp_t LB___GFP_NOWARN = __GFP_NOWARN;
static const size_t LB_ARCH_KMALLOC_MINALIGN = ARCH_KMALLOC_MINALIGN;
static const size_t LB_ARCH_DMA_MINALIGN = ARCH_DMA_MINALIGN;
static const size_t LB_L1_CACHE_BYTES = L1_CACHE_BYTES;
static const size_t LB_PAGE_SIZE = PAGE_SIZE;
/* As much as the allocator of pages can have in one piece. */
static const size_t LB_LARGEST_PAGES = PAGE_SIZE << MAX_PAGE_ORDER;
static const unsigned int LB_TASK_INTERRUPTIBLE = TASK_INTERRUPTIBLE;
static const unsigned int LB_TASK_UNINTERRUPTIBLE = TASK_UNINTERRUPTIBLE;
static const unsigned int LB_TASK_FREEZABLE = TASK_FREEZABLE;
static const unsigned int LB_TASK_NORMAL = TASK_NORMAL;
static const unsigned int LB_HZ = HZ;
static const long LB_MAX_SCHEDULE_TIMEOUT = MAX_SCHEDULE_TIMEOUT;
static const size_t LB_FILE_PRIVATE_DATA = offsetof(struct file, private_data);
static const size_t LB_IOV_ITER_COUNT = offsetof(struct iov_iter, count);
static const u32 LB_SPI_CPHA = SPI_CPHA;
static const u32 LB_SPI_CPOL = SPI_CPOL;
static const u32 LB_SPI_CS_HIGH = SPI_CS_HIGH;
static const u32 LB_SPI_LSB_FIRST = SPI_LSB_FIRST;
static const u32 LB_SPI_3WIRE = SPI_3WIRE;
static const u32 LB_SPI_LOOP = SPI_LOOP;
static const u32 LB_SPI_NO_CS = SPI_NO_CS;
static const u32 LB_SPI_READY = SPI_READY;
static const u32 LB_SPI_CS_WORD = SPI_CS_WORD;
static const u32 LB_SPI_NO_TX = SPI_NO_TX;
static const u32 LB_SPI_NO_RX = SPI_NO_RX;
static const u32 LB_SPI_CONTROLLER_HALF_DUPLEX = SPI_CONTROLLER_HALF_DUPLEX;
static const u32 LB_SPI_CONTROLLER_NO_RX = SPI_CONTROLLER_NO_RX;
static const u32 LB_SPI_CONTROLLER_NO_TX = SPI_CONTROLLER_NO_TX;
