// SPDX-License-Identifier: GPL-2.0
/* The same accesses as codegen_rust.rs, in C. Never loaded. */
#include <linux/io.h>
#include <linux/module.h>

/* Where a mapped window has its address: as in the Rust type, the first field. */
struct window {
	void __iomem *base;
};

#define TWINS(bits, read, write, read_io, write_io)			\
	u##bits read(struct window *window);				\
	u##bits read(struct window *window)				\
	{								\
		return read_io(window->base + 0x10);			\
	}								\
	void write(struct window *window, u##bits value);		\
	void write(struct window *window, u##bits value)		\
	{								\
		write_io(value, window->base + 0x18);			\
	}

TWINS(8, twin_read8, twin_write8, readb, writeb)
TWINS(16, twin_read16, twin_write16, readw, writew)
TWINS(32, twin_read32, twin_write32, readl, writel)
TWINS(64, twin_read64, twin_write64, readq, writeq)

MODULE_LICENSE("GPL");
