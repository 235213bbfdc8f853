// SPDX-License-Identifier: GPL-2.0
/*
 * Models the part of NVIDIA's chips that drivers/gpu/nova uses: the registers in BAR 0, and how
 * the firmware boots.
 *
 * The guest steers the model through two vendor registers of configuration space, see KEY. A write
 * to VALUE either stores a register of BAR 0 or, for the keys from MODEL_CHIP on, does what the
 * key says. RECORD gives the text of the record: the accesses to BAR 0 and the marks, in their
 * order, a line each; any write clears it.
 */
#include "proxy.h"

enum {
	KEY = 0x80,
	VALUE = 0x84,
	RECORD = 0x88,
};

enum {
	/*
	 * Becomes the chip that has this number in its BOOT_42, as after power-up. Its firmware has
	 * booted.
	 */
	MODEL_CHIP = 0x01000000,
	/* The firmware has booted after so many more reads of its progress. */
	MODEL_FIRMWARE,
	/* Progress can be read after so many more reads of the privilege level mask. */
	MODEL_MASK,
	/* After so many more accesses to BAR 0, the device is gone. */
	MODEL_VANISH,
	/* Puts "alloc VALUE" or "free VALUE" in the record. */
	MODEL_ALLOC,
	MODEL_FREE,
	/* The register at this offset of BAR 0 keeps its value, whatever is written. */
	MODEL_STUCK,
};

enum {
	BOOT_0 = 0x0,
	BOOT_42 = 0xa00,
	MEMORY_RANGE = 0x100ce0,
	GFW_MASK = 0x118128,
	GFW_PROGRESS = 0x118234,
	MEMORY_SIZE = 0x1183a4,
	BAR_SIZE = 0x1000000,
};

static uint32_t registers[BAR_SIZE / 4];
static uint8_t config[256];
static uint32_t key, until_booted, until_readable, until_gone, stuck;
static char record[1 << 16];
static size_t recorded, shown;

static void note(const char *what, uint32_t place, uint32_t value, int has_value)
{
	size_t room = sizeof(record) - recorded;
	int length = snprintf(record + recorded, room, has_value ? "%s %06x %08x\n" : "%s %x\n", what, place, value);

	/* What does not fit is left out whole. */
	if ((size_t)length < room)
		recorded += (size_t)length;
	else
		memset(record + recorded, 0, room);
}

static void forget(void)
{
	memset(record, 0, sizeof(record));
	recorded = shown = 0;
}

static void become(uint32_t chip)
{
	uint32_t architecture = chip >> 4, implementation = chip & 0xf;

	memset(registers, 0, sizeof(registers));
	/* Revision A1. */
	registers[BOOT_0 / 4] = (architecture & 0x1f) << 24 | implementation << 20 | (architecture >> 5) << 8 | 0xa1;
	registers[BOOT_42 / 4] = architecture << 24 | implementation << 20 | 0xa1 << 12;
	/* 11 GiB of 12, and 24 GiB. */
	registers[MEMORY_RANGE / 4] = 11 << 4 | 10;
	registers[MEMORY_SIZE / 4] = 24576;
	registers[GFW_MASK / 4] = 1;
	registers[GFW_PROGRESS / 4] = 0xff;
	until_booted = until_readable = 0;
	until_gone = stuck = UINT32_MAX;
	forget();
}

static void steer(uint32_t value)
{
	switch (key) {
	case MODEL_CHIP:
		become(value);
		break;
	case MODEL_FIRMWARE:
		until_booted = value;
		break;
	case MODEL_MASK:
		until_readable = value;
		break;
	case MODEL_VANISH:
		until_gone = value;
		break;
	case MODEL_ALLOC:
		note("alloc", value, 0, 0);
		break;
	case MODEL_FREE:
		note("free", value, 0, 0);
		break;
	case MODEL_STUCK:
		stuck = value;
		break;
	default:
		if (key < BAR_SIZE)
			registers[key / 4] = value;
	}
}

static void model_begin(int index)
{
	static const uint8_t ids[] = { 0xde, 0x10, 0x04, 0x1e };

	memcpy(config, ids, sizeof(ids));
	/* A 3D controller; those after it are VGA controllers. */
	config[0x0b] = 3;
	config[0x0a] = index ? 0 : 2;
	become(0x162);
}

static uint32_t model_config_read(uint32_t offset, int length)
{
	uint32_t value = UINT32_MAX;

	if (offset + (uint32_t)length > sizeof(config))
		return value;
	if (offset == RECORD) {
		memcpy(&value, record + shown, sizeof(value));
		if (shown + 2 * sizeof(value) <= sizeof(record))
			shown += sizeof(value);
		return value;
	}
	if (until_gone == 0)
		return value;
	value = 0;
	memcpy(&value, config + offset, (size_t)length);
	return value;
}

static void model_config_write(uint32_t offset, uint32_t value, int length)
{
	uint32_t bar;

	if (offset == KEY)
		key = value;
	else if (offset == VALUE)
		steer(value);
	else if (offset == RECORD)
		forget();
	/* Command, interrupt line, BAR 0. */
	else if ((offset == 0x04 || offset == 0x3c) && length <= 2)
		memcpy(config + offset, &value, (size_t)length);
	else if (offset == 0x10 && length == 4) {
		bar = value & ~(uint32_t)(BAR_SIZE - 1);
		memcpy(config + offset, &bar, sizeof(bar));
	}
}

/* Returns whether the device is gone; counts this access. */
static int is_gone(void)
{
	if (until_gone != 0 && until_gone != UINT32_MAX)
		until_gone--;
	else if (until_gone == 0)
		return 1;
	return 0;
}

static uint64_t model_bar_read(uint64_t address, unsigned int size)
{
	uint32_t offset = (uint32_t)address & (BAR_SIZE - 1);
	uint32_t value = registers[offset / 4];

	if (is_gone() || size != 4)
		return UINT64_MAX;
	if (offset == GFW_PROGRESS && until_booted) {
		until_booted -= until_booted != UINT32_MAX;
		value = 0x12;
	}
	if (offset == GFW_MASK && until_readable) {
		until_readable -= until_readable != UINT32_MAX;
		value = 0;
	}
	note("read", offset, value, 1);
	return value;
}

static void model_bar_write(uint64_t address, uint64_t value, unsigned int size)
{
	uint32_t offset = (uint32_t)address & (BAR_SIZE - 1);

	if (is_gone() || size != 4)
		return;
	if (offset != stuck)
		registers[offset / 4] = (uint32_t)value;
	note("write", offset, (uint32_t)value, 1);
}
