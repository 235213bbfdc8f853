// SPDX-License-Identifier: GPL-2.0
/*
 * An adapter for bench_rust_i2c and bench_c_i2c, with a client that both are for. It answers at
 * once, so that a transfer costs what the I2C core and the caller take.
 */
#include <linux/i2c.h>
#include <linux/module.h>

static s32 transfer(struct i2c_adapter *adapter, u16 addr, unsigned short flags, char direction, u8 command, int protocol,
		    union i2c_smbus_data *data)
{
	if (protocol != I2C_SMBUS_BYTE_DATA)
		return -EOPNOTSUPP;
	if (direction == I2C_SMBUS_READ)
		data->byte = ~command;
	return 0;
}

static u32 functionality(struct i2c_adapter *adapter)
{
	return I2C_FUNC_SMBUS_BYTE_DATA;
}

static const struct i2c_algorithm algorithm = { .smbus_xfer = transfer, .functionality = functionality };
static struct i2c_adapter adapter = { .owner = THIS_MODULE, .name = "bench", .algo = &algorithm };
static const struct i2c_board_info info = { I2C_BOARD_INFO("bench", 0x50) };

static int __init adapter_init(void)
{
	struct i2c_client *client;
	int error = i2c_add_adapter(&adapter);

	if (error)
		return error;
	client = i2c_new_client_device(&adapter, &info);
	if (IS_ERR(client)) {
		i2c_del_adapter(&adapter);
		return PTR_ERR(client);
	}
	return 0;
}
module_init(adapter_init);

static void __exit adapter_exit(void)
{
	i2c_del_adapter(&adapter);
}
module_exit(adapter_exit);

MODULE_DESCRIPTION("An adapter that answers at once");
MODULE_LICENSE("GPL");
