// SPDX-License-Identifier: GPL-2.0
/*
 * Supplies and clocks of the model. Each says when it goes on and off. The GPU runs if both
 * supplies and its core clock are on. The supply "mali" comes first and goes last, so registers are
 * watched as long as it is on.
 */
#include <linux/clk-provider.h>
#include <linux/clkdev.h>
#include <linux/err.h>
#include <linux/regulator/driver.h>
#include <linux/regulator/machine.h>

#include "model.h"

/* Clocks, and what is said of them. */
static struct clock {
	struct clk_hw hw;
	const char *name, *on, *off;
	bool is_optional, is_registered, enabled;
	int prepared;
	struct clk_lookup *lookup;
} clocks[] = {
	{ .name = "core", .on = "+core", .off = "-core" },
	{ .name = "stacks", .on = "+stacks", .off = "-stacks", .is_optional = true },
	{ .name = "coregroup", .on = "+coregroup", .off = "-coregroup", .is_optional = true },
};

enum { MALI, SRAM, SUPPLIES };

static struct supply {
	const char *name, *on, *off;
	bool enabled;
	struct regulator_dev *rdev;
} supplies[SUPPLIES] = {
	{ .name = "mali", .on = "+mali", .off = "-mali" },
	{ .name = "sram", .on = "+sram", .off = "-sram" },
};

static void changed(void)
{
	gpu_power(supplies[MALI].enabled && supplies[SRAM].enabled && clocks[0].enabled);
}

static struct clock *to_clock(struct clk_hw *hw)
{
	return container_of(hw, struct clock, hw);
}

static int clock_prepare(struct clk_hw *hw)
{
	to_clock(hw)->prepared++;
	return 0;
}

static void clock_unprepare(struct clk_hw *hw)
{
	to_clock(hw)->prepared--;
}

static int clock_enable(struct clk_hw *hw)
{
	struct clock *clock = to_clock(hw);

	if (is_named(fail, clock->name))
		return -EIO;
	clock->enabled = true;
	note(clock->on, 0);
	changed();
	return 0;
}

static void clock_disable(struct clk_hw *hw)
{
	struct clock *clock = to_clock(hw);

	clock->enabled = false;
	note(clock->off, 0);
	changed();
}

static unsigned long clock_rate(struct clk_hw *hw, unsigned long parent_rate)
{
	return 200000000;
}

static const struct clk_ops clock_ops = {
	.prepare = clock_prepare,
	.unprepare = clock_unprepare,
	.enable = clock_enable,
	.disable = clock_disable,
	.recalc_rate = clock_rate,
};

static int supply_enable(struct regulator_dev *rdev)
{
	struct supply *supply = rdev_get_drvdata(rdev);
	int err = 0;

	if (is_named(fail, supply->name))
		return -EIO;
	if (supply == &supplies[MALI])
		err = gpu_watch();
	if (err)
		return err;
	supply->enabled = true;
	note(supply->on, 0);
	changed();
	return 0;
}

static int supply_disable(struct regulator_dev *rdev)
{
	struct supply *supply = rdev_get_drvdata(rdev);

	if (is_named(fail_off, supply->name))
		return -EIO;
	supply->enabled = false;
	note(supply->off, 0);
	changed();
	if (supply == &supplies[MALI])
		gpu_unwatch();
	return 0;
}

static int supply_is_enabled(struct regulator_dev *rdev)
{
	return ((struct supply *)rdev_get_drvdata(rdev))->enabled;
}

static const struct regulator_ops supply_ops = {
	.enable = supply_enable,
	.disable = supply_disable,
	.is_enabled = supply_is_enabled,
};

static const struct regulator_desc descs[SUPPLIES] = {
	{ .name = "mali", .id = MALI, .ops = &supply_ops, .type = REGULATOR_VOLTAGE, .owner = THIS_MODULE,
	  .n_voltages = 1, .fixed_uV = 675000 },
	{ .name = "sram", .id = SRAM, .ops = &supply_ops, .type = REGULATOR_VOLTAGE, .owner = THIS_MODULE,
	  .n_voltages = 1, .fixed_uV = 750000 },
};

static struct regulator_consumer_supply consumers[SUPPLIES] = {
	REGULATOR_SUPPLY("mali", DEVICE_NAME),
	REGULATOR_SUPPLY("sram", DEVICE_NAME),
};

static int clock_add(struct clock *clock, struct device *dev)
{
	struct clk_init_data init = { .name = clock->name, .ops = &clock_ops };
	int err;

	clock->hw.init = &init;
	err = clk_hw_register(dev, &clock->hw);
	if (err)
		return err;
	clock->is_registered = true;
	clock->lookup = clkdev_hw_create(&clock->hw, clock->name, DEVICE_NAME);
	return clock->lookup ? 0 : -ENOMEM;
}

static int supply_add(int n, struct device *dev)
{
	struct regulator_init_data init = {
		.constraints.valid_ops_mask = REGULATOR_CHANGE_STATUS,
		.consumer_supplies = &consumers[n],
		.num_consumer_supplies = 1,
	};
	struct regulator_config config = { .dev = dev, .init_data = &init, .driver_data = &supplies[n] };

	supplies[n].rdev = regulator_register(dev, &descs[n], &config);
	return PTR_ERR_OR_ZERO(supplies[n].rdev);
}

int supplies_start(struct device *dev, bool optional)
{
	int n, err = 0;

	for (n = 0; !err && n < SUPPLIES; n++)
		err = supply_add(n, dev);
	for (n = 0; !err && n < ARRAY_SIZE(clocks); n++)
		if (optional || !clocks[n].is_optional)
			err = clock_add(&clocks[n], dev);
	if (err)
		supplies_end();
	return err;
}

void supplies_end(void)
{
	int n;

	for (n = 0; n < ARRAY_SIZE(clocks); n++) {
		if (clocks[n].lookup)
			clkdev_drop(clocks[n].lookup);
		if (clocks[n].is_registered)
			clk_hw_unregister(&clocks[n].hw);
		clocks[n].lookup = NULL;
		clocks[n].is_registered = false;
	}
	for (n = 0; n < SUPPLIES; n++) {
		if (!IS_ERR_OR_NULL(supplies[n].rdev))
			regulator_unregister(supplies[n].rdev);
		supplies[n].rdev = NULL;
	}
}

bool supplies_balanced(void)
{
	bool used = false;
	int n;

	for (n = 0; n < ARRAY_SIZE(clocks); n++)
		used |= clocks[n].enabled || clocks[n].prepared;
	for (n = 0; n < SUPPLIES; n++)
		used |= supplies[n].enabled;
	return !used;
}
