// SPDX-License-Identifier: GPL-2.0
/*
 * A model of an SPI controller with two flashes: W25X05, 64 KiB each. The flashes know the commands
 * that samples and tests need, and are there from the start. A command to the parameter "board"
 * adds or removes the device for a flash:
 *
 *	add NAME CS	adds a device of type NAME at the chip select line CS
 *	del CS		removes the device at that line
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/spi/spi.h>
#include <linux/string.h>

enum {
	PAGE_PROGRAM = 0x02,
	READ_DATA = 0x03,
	READ_STATUS = 0x05,
	WRITE_ENABLE = 0x06,
	SECTOR_ERASE = 0x20,
	JEDEC_ID = 0x9f,
};

enum {
	STATUS_BUSY = 0x01,
	STATUS_WRITE_ENABLED = 0x02,
};

#define FLASHES		2
#define FLASH_SIZE	0x10000
#define FLASH_PAGE	0x100
#define FLASH_SECTOR	0x1000

static struct flash {
	u8 memory[FLASH_SIZE];
	u8 page[FLASH_PAGE];	/* the bytes to be programmed */
	u8 command;
	u8 status;
	u32 address;
	unsigned int count;	/* bytes since the flash was selected */
	unsigned int polls;	/* the number of times that the flash still says that it is busy */
} flashes[FLASHES];

static DEFINE_MUTEX(board_lock);
static struct platform_device *parent;
static struct spi_controller *controller;
static struct spi_device *devices[FLASHES];

static const u8 jedec_id[] = { 0xef, 0x30, 0x10 };

static void flash_select(struct flash *flash)
{
	flash->count = 0;
	flash->address = 0;
	memset(flash->page, 0xff, sizeof(flash->page));
}

/* Programming and erasing begin once the flash is deselected, and take a while. */
static void flash_deselect(struct flash *flash)
{
	u8 *sector = &flash->memory[round_down(flash->address % FLASH_SIZE, FLASH_SECTOR)];
	u8 *page = &flash->memory[round_down(flash->address % FLASH_SIZE, FLASH_PAGE)];
	bool enabled = flash->status & STATUS_WRITE_ENABLED;
	unsigned int i;

	if (flash->status & STATUS_BUSY || !flash->count)
		return;
	if (flash->command == WRITE_ENABLE && flash->count == 1) {
		flash->status |= STATUS_WRITE_ENABLED;
		return;
	}
	if (!enabled)
		return;
	if (flash->command == SECTOR_ERASE && flash->count == 4)
		memset(sector, 0xff, FLASH_SECTOR);
	else if (flash->command == PAGE_PROGRAM && flash->count > 4)
		for (i = 0; i < FLASH_PAGE; i++)
			page[i] &= flash->page[i];
	else
		return;
	flash->status = STATUS_BUSY;
	flash->polls = 3;
}

static u8 flash_status(struct flash *flash)
{
	u8 status = flash->status;

	if (flash->polls && !--flash->polls)
		flash->status = 0;
	return status;
}

/* Transfers one byte in each direction. */
static u8 flash_clock(struct flash *flash, u8 in)
{
	unsigned int n = flash->count++;

	if (!n) {
		flash->command = in;
		return 0xff;
	}
	if (flash->command == READ_STATUS)
		return flash_status(flash);
	if (flash->status & STATUS_BUSY)
		return 0xff;
	switch (flash->command) {
	case JEDEC_ID:
		return jedec_id[(n - 1) % sizeof(jedec_id)];
	case READ_DATA:
		if (n > 3)
			return flash->memory[flash->address++ % FLASH_SIZE];
		break;
	case PAGE_PROGRAM:
		if (n > 3)
			flash->page[(flash->address + n - 4) % FLASH_PAGE] &= in;
		break;
	}
	if (n <= 3)
		flash->address = flash->address << 8 | in;
	return 0xff;
}

/* `level` is the level of the line, which is low while the flash is selected. */
static void set_cs(struct spi_device *spi, bool level)
{
	struct flash *flash = &flashes[spi_get_chipselect(spi, 0)];

	if (level)
		flash_deselect(flash);
	else
		flash_select(flash);
}

static int transfer_one(struct spi_controller *ctlr, struct spi_device *spi, struct spi_transfer *xfer)
{
	struct flash *flash = &flashes[spi_get_chipselect(spi, 0)];
	const u8 *tx = xfer->tx_buf;
	u8 *rx = xfer->rx_buf;
	unsigned int i;
	u8 out;

	for (i = 0; i < xfer->len; i++) {
		out = flash_clock(flash, tx ? tx[i] : 0);
		if (rx)
			rx[i] = out;
	}
	return 0;
}

static int board_add(const char *name, unsigned int cs)
{
	struct spi_board_info info = { .max_speed_hz = 1000000, .chip_select = cs };

	if (cs >= FLASHES || !controller)
		return -EINVAL;
	if (devices[cs])
		return -EBUSY;
	strscpy(info.modalias, name, sizeof(info.modalias));
	devices[cs] = spi_new_device(controller, &info);
	return devices[cs] ? 0 : -ENODEV;
}

static int board_del(unsigned int cs)
{
	if (cs >= FLASHES || !devices[cs])
		return -ENODEV;
	spi_unregister_device(devices[cs]);
	devices[cs] = NULL;
	return 0;
}

static int board_set(const char *text, const struct kernel_param *kp)
{
	unsigned int cs;
	char name[32];
	int err = -EINVAL;

	mutex_lock(&board_lock);
	if (sscanf(text, "add %31s %u", name, &cs) == 2)
		err = board_add(name, cs);
	else if (sscanf(text, "del %u", &cs) == 1)
		err = board_del(cs);
	mutex_unlock(&board_lock);
	return err;
}

static const struct kernel_param_ops board_ops = {
	.set = board_set,
};

module_param_cb(board, &board_ops, NULL, 0200);

static int __init start(void)
{
	struct spi_controller *ctlr;
	int i, err;

	for (i = 0; i < FLASHES; i++)
		memset(flashes[i].memory, 0xff, FLASH_SIZE);
	parent = platform_device_register_simple("spi_flash_model", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(parent))
		return PTR_ERR(parent);
	ctlr = spi_alloc_host(&parent->dev, 0);
	if (!ctlr) {
		err = -ENOMEM;
		goto unregister;
	}
	ctlr->num_chipselect = FLASHES;
	ctlr->mode_bits = SPI_CPHA | SPI_CPOL;
	ctlr->bits_per_word_mask = SPI_BPW_MASK(8);
	ctlr->max_speed_hz = 10000000;
	ctlr->set_cs = set_cs;
	ctlr->transfer_one = transfer_one;
	err = spi_register_controller(ctlr);
	if (err)
		goto put;
	mutex_lock(&board_lock);
	controller = ctlr;
	mutex_unlock(&board_lock);
	return 0;

put:
	spi_controller_put(ctlr);
unregister:
	platform_device_unregister(parent);
	return err;
}

/* The removal of the controller removes its devices. Nobody writes to the parameter any more. */
static void __exit end(void)
{
	spi_unregister_controller(controller);
	platform_device_unregister(parent);
}

module_init(start);
module_exit(end);
MODULE_DESCRIPTION("An SPI controller with two flashes");
MODULE_LICENSE("GPL");
