// SPDX-License-Identifier: GPL-2.0
/* The twin of bench_rust_i2c.rs: a byte over SMBus. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/i2c.h>
#include <linux/module.h>

#include "measure.h"

static int bench_probe(struct i2c_client *client)
{
	int byte = 0;

	MEASURE("smbus", 50, {
		byte = i2c_smbus_read_byte_data(client, 7);
		if (byte != 0xf8)
			break;
	});
	return byte == 0xf8 ? 0 : -EIO;
}

static const struct i2c_device_id table[] = {
	{ "bench" },
	{ }
};
MODULE_DEVICE_TABLE(i2c, table);

static struct i2c_driver bench_driver = {
	.driver.name = "bench_c_i2c",
	.id_table = table,
	.probe = bench_probe,
};
module_i2c_driver(bench_driver);

MODULE_DESCRIPTION("What make bench does on I2C, in C");
MODULE_LICENSE("GPL");
