/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Serves a PCI device of QEMU's (x-pci-proxy-dev) from a process of the host: each access to
 * configuration space and to BARs is a message that the model answers, so the model knows exactly
 * what is accessed, and in which order.
 *
 * A model is a program of one C file, which includes this one and defines the four functions
 * below. `scripts/boot --model FILE.c:FD,FD..` runs it as `model FD,FD.. QEMU ARGUMENT..`. For
 * each FD it makes a socket with that number, which the option `-device x-pci-proxy-dev,fd=FD`
 * names, and a process that serves it. Then it becomes QEMU.
 *
 * The messages are those of QEMU's include/hw/remote/mpqemu-link.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Begins the life of device number `index`, which counts the FDs of the model from 0. */
static void model_begin(int index);
static uint32_t model_config_read(uint32_t offset, int length);
static void model_config_write(uint32_t offset, uint32_t value, int length);
/* `address` is one of the bus. */
static uint64_t model_bar_read(uint64_t address, unsigned int size);
static void model_bar_write(uint64_t address, uint64_t value, unsigned int size);

enum proxy_command {
	PROXY_SYNC_MEMORY,
	PROXY_RETURN,
	PROXY_CONFIG_WRITE,
	PROXY_CONFIG_READ,
	PROXY_BAR_WRITE,
	PROXY_BAR_READ,
	PROXY_SET_IRQFD,
	PROXY_RESET,
};

struct proxy_header {
	int32_t command;
	uint64_t size;
};

struct proxy_config {
	uint32_t offset;
	uint32_t value;
	int32_t length;
};

struct proxy_bar {
	uint64_t address;
	uint64_t value;
	uint32_t size;
	uint8_t memory;
};

union proxy_data {
	uint64_t number;
	struct proxy_config config;
	struct proxy_bar bar;
	char bytes[256];
};

/*
 * Receives `size` bytes. The descriptors that come along, which are those of the guest's memory and
 * interrupts, are closed.
 */
static void proxy_receive(int fd, void *place, size_t size)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(16 * sizeof(int))];
	} control;
	struct iovec io = { place, size };
	struct msghdr message;
	struct cmsghdr *part;
	ssize_t count;
	size_t i;

	while (io.iov_len > 0) {
		message = (struct msghdr){ .msg_iov = &io, .msg_iovlen = 1, .msg_control = &control,
					   .msg_controllen = sizeof(control) };
		count = recvmsg(fd, &message, 0);
		if (count < 0 && errno == EINTR)
			continue;
		/* QEMU has ended, or the device was unplugged. */
		if (count <= 0)
			_exit(0);
		for (part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part))
			for (i = 0; i < (part->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++)
				close(((int *)CMSG_DATA(part))[i]);
		io.iov_base = (char *)io.iov_base + count;
		io.iov_len -= (size_t)count;
	}
}

static void proxy_answer(int fd, uint64_t value)
{
	struct {
		struct proxy_header header;
		uint64_t value;
	} answer = { { PROXY_RETURN, sizeof(uint64_t) }, value };

	if (send(fd, &answer, sizeof(answer), MSG_NOSIGNAL) != sizeof(answer))
		_exit(0);
}

static void proxy_serve(int fd)
{
	struct proxy_header header;
	union proxy_data data;

	for (;;) {
		proxy_receive(fd, &header, sizeof(header));
		if (header.size > sizeof(data))
			_exit(1);
		proxy_receive(fd, &data, header.size);
		switch (header.command) {
		case PROXY_CONFIG_WRITE:
			model_config_write(data.config.offset, data.config.value, data.config.length);
			proxy_answer(fd, 0);
			break;
		case PROXY_CONFIG_READ:
			proxy_answer(fd, model_config_read(data.config.offset, data.config.length));
			break;
		case PROXY_BAR_WRITE:
			model_bar_write(data.bar.address, data.bar.value, data.bar.size);
			proxy_answer(fd, 0);
			break;
		case PROXY_BAR_READ:
			proxy_answer(fd, model_bar_read(data.bar.address, data.bar.size));
			break;
		case PROXY_RESET:
			proxy_answer(fd, 0);
			break;
		}
	}
}

/* Makes the socket `fd`, and a process that serves its other end as device number `index`. */
static void proxy_begin(int fd, int index)
{
	int ends[2], null;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0 || (child = fork()) < 0) {
		perror("model");
		exit(1);
	}
	if (child > 0) {
		dup2(ends[0], fd);
		return;
	}
	/*
	 * QEMU's output must end with QEMU. Sockets of devices before this one would keep the
	 * processes behind those from ending.
	 */
	null = open("/dev/null", O_RDWR);
	dup2(ends[1], 3);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	for (fd = 4; fd < 256; fd++)
		close(fd);
	model_begin(index);
	proxy_serve(3);
}

int main(int argc, char **argv)
{
	char *rest;
	int index;

	if (argc < 3) {
		fprintf(stderr, "usage: model FD,FD.. QEMU ARGUMENT..\n");
		return 2;
	}
	rest = argv[1];
	for (index = 0; rest[0]; index++) {
		proxy_begin((int)strtol(rest, &rest, 10), index);
		rest += rest[0] == ',';
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 1;
}
