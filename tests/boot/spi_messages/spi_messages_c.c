// SPDX-License-Identifier: GPL-2.0
/*
 * Two SPI controllers, and the devices on them. A device is a memory of 256 bytes, with commands:
 *
 *	1 PLACE BYTE..	writes the bytes from this place on
 *	2 PLACE		reads from this place on, as many bytes as are clocked
 *	3 BYTE..	answers each byte with the byte before it
 *
 * Some places misbehave on purpose. The second controller lacks some functions of the first. Each
 * message is printed as it would look on the lines. The settings of a device are printed, too.
 */
#include <linux/cache.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/sched/task_stack.h>
#include <linux/spi/spi.h>
#include <linux/string.h>

enum {
	CMD_WRITE = 1,
	CMD_READ = 2,
	CMD_ECHO = 3,
};

enum {
	PLACE_FAILS = 0xf0, /* reading ends with an error, halfway */
	PLACE_HANGS = 0xf1, /* reading does not end */
};

static u8 memory[256];
static u8 command, place, last;
static unsigned int count;	/* bytes since the device was selected */
static u32 mode;		/* the device's mode then, which must stay until it is deselected */

/* The text of the message so far. */
static char line[256];
static int length;

#define say(format, ...) \
	(length += scnprintf(line + length, sizeof(line) - length, format, ##__VA_ARGS__))

static u8 clock_byte(u8 in)
{
	unsigned int n = count++;
	u8 out = 0;

	if (!n)
		command = in;
	else if (command == CMD_ECHO)
		out = last;
	else if (n == 1)
		place = in;
	else if (command == CMD_WRITE)
		memory[place++] = in;
	else if (command == CMD_READ)
		out = memory[place++];
	last = in;
	return out;
}

static void set_cs(struct spi_device *spi, bool level)
{
	bool selected = level == !!(spi->mode & SPI_CS_HIGH);

	say("%s", selected ? " [" : " ]");
	if (selected) {
		count = 0;
		mode = spi->mode;
	} else if (spi->mode != mode) {
		say(" CHANGED");
	}
}

/* Returns whether the memory is fit for DMA, and shares no cache line with anything else. */
static bool is_fit(const void *buf)
{
	return virt_addr_valid(buf) && !object_is_on_stack(buf) && IS_ALIGNED((unsigned long)buf, L1_CACHE_BYTES);
}

static void say_transfer(const struct spi_device *spi, const struct spi_transfer *xfer)
{
	const char *what = xfer->tx_buf && xfer->rx_buf ? "x" : xfer->rx_buf ? "r" : "w";

	say(" %s%u", what, xfer->len);
	if (xfer->speed_hz != spi->max_speed_hz)
		say("@%u", xfer->speed_hz);
	if (xfer->bits_per_word != spi->bits_per_word)
		say("/%u", xfer->bits_per_word);
	if (xfer->delay.value)
		say("+%u%s", xfer->delay.value, xfer->delay.unit == SPI_DELAY_UNIT_NSECS ? "ns" : "us");
	if ((xfer->tx_buf && !is_fit(xfer->tx_buf)) || (xfer->rx_buf && !is_fit(xfer->rx_buf)))
		say(" UNFIT");
	if (xfer->tx_buf && xfer->tx_buf == xfer->rx_buf)
		say(" SAME");
}

static int transfer_one(struct spi_controller *ctlr, struct spi_device *spi, struct spi_transfer *xfer)
{
	const u8 *tx = xfer->tx_buf;
	u8 *rx = xfer->rx_buf;
	bool odd = rx && count >= 2 && command == CMD_READ;
	unsigned int i, len = xfer->len;
	u8 out;

	say_transfer(spi, xfer);
	if (ctlr->can_dma && (xfer->tx_sg_mapped != !!tx || xfer->rx_sg_mapped != !!rx))
		say(" UNMAPPED");
	if (odd && place == PLACE_HANGS)
		return 1;
	odd = odd && place == PLACE_FAILS;
	if (odd)
		len /= 2;
	for (i = 0; i < len; i++) {
		out = clock_byte(tx ? tx[i] : 0);
		if (rx)
			rx[i] = out;
	}
	return odd ? -EIO : 0;
}

static int prepare_message(struct spi_controller *ctlr, struct spi_message *message)
{
	length = 0;
	return 0;
}

static int unprepare_message(struct spi_controller *ctlr, struct spi_message *message)
{
	pr_info("spi_messages_c: %s:%s\n", dev_name(&message->spi->dev), line);
	return 0;
}

static bool can_dma(struct spi_controller *ctlr, struct spi_device *spi, struct spi_transfer *xfer)
{
	return true;
}

static int setup(struct spi_device *spi)
{
	pr_info("spi_messages_c: %s: mode %x, %u Hz, %u bits\n", dev_name(&spi->dev), spi->mode, spi->max_speed_hz,
		spi->bits_per_word);
	/* Neither `mode_bits` nor the mask of word lengths says this. */
	return spi->mode & SPI_LSB_FIRST && spi->bits_per_word > 8 ? -EOPNOTSUPP : 0;
}

static size_t max_transfer_size(struct spi_device *spi)
{
	return 8;
}

static size_t max_message_size(struct spi_device *spi)
{
	return 12;
}

static struct platform_device *parent;
static struct spi_controller *whole, *partial;

static const struct {
	struct spi_controller **controller;
	struct spi_board_info info;
} devices[] = {
	{ &whole, { .modalias = "lb-messages", .chip_select = 0, .max_speed_hz = 1000000, .mode = SPI_MODE_3 } },
	{ &whole, { .modalias = "lb-setup", .chip_select = 1, .irq = -1 } },
	{ &partial, { .modalias = "lb-partial", .chip_select = 0, .max_speed_hz = 50000, .irq = 7 } },
};

static struct spi_controller *alloc_controller(int bus_num)
{
	struct spi_controller *ctlr = spi_alloc_host(&parent->dev, 0);

	if (!ctlr)
		return NULL;
	ctlr->bus_num = bus_num;
	ctlr->num_chipselect = 2;
	ctlr->set_cs = set_cs;
	ctlr->setup = setup;
	ctlr->transfer_one = transfer_one;
	ctlr->prepare_message = prepare_message;
	ctlr->unprepare_message = unprepare_message;
	return ctlr;
}

static int register_whole(void)
{
	int err;

	whole = alloc_controller(40);
	if (!whole)
		return -ENOMEM;
	whole->mode_bits = SPI_MODE_X_MASK | SPI_CS_HIGH | SPI_LSB_FIRST | SPI_3WIRE;
	whole->bits_per_word_mask = SPI_BPW_RANGE_MASK(4, 32);
	whole->max_speed_hz = 20000000;
	/* The core maps each buffer for DMA by the parent, which does not use the mapping. */
	whole->can_dma = can_dma;
	err = spi_register_controller(whole);
	if (err)
		spi_controller_put(whole);
	return err;
}

static int register_partial(void)
{
	int err;

	partial = alloc_controller(41);
	if (!partial)
		return -ENOMEM;
	partial->mode_bits = SPI_CPHA;
	partial->bits_per_word_mask = SPI_BPW_MASK(8) | SPI_BPW_MASK(16);
	partial->min_speed_hz = 1000;
	partial->max_speed_hz = 100000;
	partial->flags = SPI_CONTROLLER_HALF_DUPLEX;
	partial->max_transfer_size = max_transfer_size;
	partial->max_message_size = max_message_size;
	err = spi_register_controller(partial);
	if (err)
		spi_controller_put(partial);
	return err;
}

static int __init start(void)
{
	struct spi_board_info info;
	int i, err;

	parent = platform_device_register_simple("spi_messages_c", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(parent))
		return PTR_ERR(parent);
	err = dma_coerce_mask_and_coherent(&parent->dev, DMA_BIT_MASK(64)) ?: register_whole();
	if (err)
		goto unregister_parent;
	err = register_partial();
	if (err)
		goto unregister_whole;
	for (i = 0; i < ARRAY_SIZE(devices); i++) {
		info = devices[i].info;
		if (!spi_new_device(*devices[i].controller, &info)) {
			err = -ENODEV;
			goto unregister_partial;
		}
	}
	return 0;

unregister_partial:
	spi_unregister_controller(partial);
unregister_whole:
	spi_unregister_controller(whole);
unregister_parent:
	platform_device_unregister(parent);
	return err;
}

/* The removal of a controller removes its devices. */
static void __exit end(void)
{
	spi_unregister_controller(partial);
	spi_unregister_controller(whole);
	platform_device_unregister(parent);
}

module_init(start);
module_exit(end);
MODULE_DESCRIPTION("SPI controllers that print their messages");
MODULE_LICENSE("GPL");
