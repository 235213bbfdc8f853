// SPDX-License-Identifier: GPL-2.0
/*
 * Two I2C adapters that transfer messages, and the clients on them. On each adapter a memory of 256
 * bytes answers at the address 0x50, and at the ten-bit address 0x150. The first byte of a write is
 * a place in the memory, and a read continues at that place. Some places misbehave on purpose. The
 * second adapter lacks some functions of the first. Each transfer is printed as it would look on
 * the bus.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/i2c.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>

enum {
	PLACE_FAILS = 0xf0, /* reading ends with a timeout, halfway */
	PLACE_SHORT = 0xf1, /* reading ends the transfer, which is no error */
	PLACE_LOST = 0xf2, /* every second read loses the bus */
	PLACE_ALWAYS_LOST = 0xf3, /* every read loses the bus */
	PLACE_LONG = 0xf4, /* has a block of impossible length */
};

static u8 memory[256];
static u8 place;
static bool lost;

static const unsigned short shown_flags[] = { I2C_M_TEN, I2C_M_STOP, I2C_M_NOSTART, I2C_M_RECV_LEN, I2C_M_DMA_SAFE };
static const char flag_names[] = "TPNLD";

/* Prints one message: its address, direction, length and flags. */
static int show(char *to, size_t size, const struct i2c_msg *msg)
{
	unsigned short rest = msg->flags & ~I2C_M_RD;
	int done, i;

	done = scnprintf(to, size, " %x%c%u", msg->addr, msg->flags & I2C_M_RD ? 'r' : 'w', msg->len);
	for (i = 0; i < ARRAY_SIZE(shown_flags); i++) {
		if (msg->flags & shown_flags[i])
			done += scnprintf(to + done, size - done, "%c", flag_names[i]);
		rest &= ~shown_flags[i];
	}
	if (rest)
		done += scnprintf(to + done, size - done, "+%x", rest);
	return done;
}

static void show_all(struct i2c_adapter *adap, const struct i2c_msg *msgs, int num)
{
	char line[128];
	int done = 0, i;

	for (i = 0; i < num && i < 6; i++)
		done += show(line + done, sizeof(line) - done, &msgs[i]);
	if (num > i)
		done += scnprintf(line + done, sizeof(line) - done, " .. %d", num);
	pr_info("i2c_messages_c: %s:%s\n", adap->name, line);
}

static int read_some(struct i2c_msg *msg)
{
	unsigned int i, len = msg->len;
	int err = 0;

	if (place == PLACE_LOST)
		lost = !lost;
	if (place == PLACE_ALWAYS_LOST || (place == PLACE_LOST && lost))
		return -EAGAIN;
	if (place == PLACE_FAILS) {
		len /= 2;
		err = -ETIMEDOUT;
	}
	/* A block begins with its length. After an impossible length, nothing follows. */
	if (msg->flags & I2C_M_RECV_LEN && memory[place] <= I2C_SMBUS_BLOCK_MAX) {
		len += memory[place];
		msg->len = len;
	}
	for (i = 0; i < len; i++)
		msg->buf[i] = memory[place++];
	return err;
}

static void write_some(const struct i2c_msg *msg)
{
	unsigned int i;

	for (i = 0; i < msg->len; i++) {
		if (!i)
			place = msg->buf[i];
		else
			memory[place++] = msg->buf[i];
	}
}

static int transfer(struct i2c_adapter *adap, struct i2c_msg *msgs, int num)
{
	int i, err;

	show_all(adap, msgs, num);
	for (i = 0; i < num; i++) {
		if (msgs[i].addr != (msgs[i].flags & I2C_M_TEN ? 0x150 : 0x50))
			return -ENXIO;
		if (!(msgs[i].flags & I2C_M_RD)) {
			write_some(&msgs[i]);
			continue;
		}
		if (place == PLACE_SHORT)
			return i;
		err = read_some(&msgs[i]);
		if (err)
			return err;
	}
	return num;
}

static u32 functionality(struct i2c_adapter *adap)
{
	return I2C_FUNC_I2C | I2C_FUNC_10BIT_ADDR | I2C_FUNC_PROTOCOL_MANGLING | I2C_FUNC_SMBUS_EMUL_ALL;
}

static const struct i2c_algorithm algorithm = { .master_xfer = transfer, .functionality = functionality };

static const struct i2c_adapter_quirks quirks = {
	.flags = I2C_AQ_NO_ZERO_LEN,
	.max_num_msgs = 2,
	.max_write_len = 4,
	.max_read_len = 8,
};

static struct i2c_adapter whole = {
	.owner = THIS_MODULE, .name = "lb-whole", .algo = &algorithm, .retries = 1,
};
static struct i2c_adapter partial = {
	.owner = THIS_MODULE, .name = "lb-partial", .algo = &algorithm, .quirks = &quirks,
};

static const struct {
	struct i2c_adapter *adapter;
	struct i2c_board_info info;
} clients[] = {
	{ &whole, { I2C_BOARD_INFO("lb-messages", 0x50) } },
	{ &whole, { I2C_BOARD_INFO("lb-nobody", 0x51) } },
	{ &whole, { I2C_BOARD_INFO("lb-ten", 0x150), .flags = I2C_CLIENT_TEN } },
	{ &partial, { I2C_BOARD_INFO("lb-partial", 0x50) } },
};

static int __init start(void)
{
	struct i2c_client *client;
	int i, err;

	memory[PLACE_LONG] = I2C_SMBUS_BLOCK_MAX + 1;
	err = i2c_add_adapter(&whole);
	if (err)
		return err;
	err = i2c_add_adapter(&partial);
	if (err)
		goto del_whole;
	for (i = 0; i < ARRAY_SIZE(clients); i++) {
		client = i2c_new_client_device(clients[i].adapter, &clients[i].info);
		if (IS_ERR(client)) {
			err = PTR_ERR(client);
			goto del_partial;
		}
	}
	return 0;

del_partial:
	i2c_del_adapter(&partial);
del_whole:
	i2c_del_adapter(&whole);
	return err;
}

/* The removal of an adapter removes its clients. */
static void __exit end(void)
{
	i2c_del_adapter(&partial);
	i2c_del_adapter(&whole);
}

module_init(start);
module_exit(end);
MODULE_DESCRIPTION("I2C adapters that transfer messages");
MODULE_LICENSE("GPL");
