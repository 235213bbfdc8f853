/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's side of nova.c in this directory: a program that steers the model behind a PCI
 * device, through two registers of configuration space, or shows what the model has recorded.
 *
 *	steer DEVICE KEY VALUE [KEY VALUE]..
 *		KEY is the offset of a register, or chip, firmware, mask, vanish, stuck: see nova.c
 *	record DEVICE
 *		the accesses to BAR 0 and the marks, in order; the record is empty afterwards
 */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	KEY = 0x80,
	RECORD = 0x88,
};

static int config_of(const char *device)
{
	char path[100];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", device);
	fd = open(path, O_RDWR);
	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

static uint32_t key_of(const char *word)
{
	static const char *const words[] = { "chip", "firmware", "mask", "vanish", "alloc", "free", "stuck" };
	unsigned int i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(word, words[i]))
			return 0x01000000 + i;
	return (uint32_t)strtoul(word, NULL, 0);
}

static void put(int fd, const uint32_t *words, size_t size, off_t place)
{
	if (pwrite(fd, words, size, place) != (ssize_t)size)
		err(1, "configuration space");
}

static void show_record(int fd)
{
	static const uint32_t nothing;
	char text[5] = "";

	while (pread(fd, text, 4, RECORD) == 4 && text[0])
		fputs(text, stdout);
	put(fd, &nothing, sizeof(nothing), RECORD);
}

int main(int argc, char **argv)
{
	int fd, i;

	if (argc < 3)
		errx(2, "usage: see steer.h");
	fd = config_of(argv[2]);
	if (!strcmp(argv[1], "record"))
		show_record(fd);
	for (i = 3; i + 1 < argc; i += 2) {
		uint32_t words[] = { key_of(argv[i]), (uint32_t)strtoul(argv[i + 1], NULL, 0) };

		put(fd, words, sizeof(words), KEY);
	}
	return 0;
}
