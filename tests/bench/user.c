// SPDX-License-Identifier: GPL-2.0
/*
 * Counts instructions of system calls for tests/bench/boot:
 *
 *	user ROW node PATH		reading four bytes of PATH, and an ioctl
 *	user ROW bind DRIVER DEVICE	binding DEVICE and unbinding it, by the files of the
 *					directory DRIVER
 *	user ROW load FILE		loading the module FILE
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <x86intrin.h>

#define TRIES 40

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void say(const char *row, const char *what, uint64_t least)
{
	printf("row %s%s %llu\n", row, what, (unsigned long long)least * 10);
}

static int open_or_fail(const char *directory, const char *name, int flags)
{
	char path[300];
	int fd;

	snprintf(path, sizeof(path), "%s%s", directory, name);
	fd = open(path, flags);
	if (fd < 0)
		fail(path);
	return fd;
}

static void node(const char *row, const char *path)
{
	uint64_t start, least[2] = { UINT64_MAX, UINT64_MAX }, took;
	int fd = open_or_fail(path, "", O_RDONLY), i;
	uint32_t value = 0;

	for (i = 0; i < TRIES; i++) {
		start = __rdtsc();
		if (read(fd, &value, sizeof(value)) != sizeof(value))
			fail("read");
		took = __rdtsc() - start;
		least[0] = took < least[0] ? took : least[0];
		start = __rdtsc();
		if (ioctl(fd, _IOR('L', 1, uint32_t), &value) || value != 0x010000ed)
			fail("ioctl");
		took = __rdtsc() - start;
		least[1] = took < least[1] ? took : least[1];
	}
	say(row, "read", least[0]);
	say(row, "ioctl", least[1]);
}

static void show(const char *row, const char *path)
{
	uint64_t start, least = UINT64_MAX, took;
	int fd = open_or_fail(path, "", O_RDONLY), i;
	char text[64];

	for (i = 0; i < TRIES; i++) {
		start = __rdtsc();
		if (pread(fd, text, sizeof(text), 0) <= 0)
			fail(path);
		took = __rdtsc() - start;
		least = took < least ? took : least;
	}
	say(row, "show", least);
}

static void bind(const char *row, const char *driver, const char *device)
{
	int unbind_fd = open_or_fail(driver, "/unbind", O_WRONLY), bind_fd = open_or_fail(driver, "/bind", O_WRONLY), i;
	uint64_t start, least = UINT64_MAX, took;

	for (i = 0; i < TRIES; i++) {
		start = __rdtsc();
		if (write(unbind_fd, device, strlen(device)) < 0 || write(bind_fd, device, strlen(device)) < 0)
			fail("bind");
		took = __rdtsc() - start;
		least = took < least ? took : least;
	}
	say(row, "bind", least);
}

static void load(const char *row, const char *file)
{
	uint64_t start, least = UINT64_MAX, took;
	char name[100];
	int i, fd;

	snprintf(name, sizeof(name), "%s", strrchr(file, '/') + 1);
	*strchr(name, '.') = 0;
	for (i = 0; i < 5; i++) {
		fd = open_or_fail(file, "", O_RDONLY);
		start = __rdtsc();
		if (syscall(SYS_finit_module, fd, "", 0))
			fail("finit_module");
		took = __rdtsc() - start;
		least = took < least ? took : least;
		close(fd);
		if (syscall(SYS_delete_module, name, O_NONBLOCK))
			fail("delete_module");
	}
	say(row, "load", least);
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[2], "node"))
		node(argv[1], argv[3]);
	else if (argc == 4 && !strcmp(argv[2], "show"))
		show(argv[1], argv[3]);
	else if (argc == 5 && !strcmp(argv[2], "bind"))
		bind(argv[1], argv[3], argv[4]);
	else if (argc == 4 && !strcmp(argv[2], "load"))
		load(argv[1], argv[3]);
	else
		return 2;
	return 0;
}
