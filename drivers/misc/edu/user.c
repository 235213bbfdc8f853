// SPDX-License-Identifier: GPL-2.0
/*
 * Uses /dev/edu<number> from user space:
 *
 *	user check NODE		checks all functions of the driver, on a device that stays
 *	user hold NODE FILE	opens files, makes FILE, and waits until the device is gone
 *	user storm NODES	runs 8 threads on the devices 0 to NODES - 1, which may come and go,
 *				until SIGTERM
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "edu.h"

#define THREADS	8
#define SHARE	(EDU_BUFFER_SIZE / THREADS)

static void fail(const char *what)
{
	printf("user: FAILED: %s (%s)\n", what, strerror(errno));
	exit(1);
}

static void expect(int condition, const char *what)
{
	if (!condition)
		fail(what);
}

/* Checks that the call failed with this errno. */
static void fails(long result, int error, const char *what)
{
	if (result != -1 || errno != error)
		fail(what);
}

static uint32_t factorial(uint32_t n)
{
	return n ? n * factorial(n - 1) : 1;
}

static int poll_for(int fd, short events, int timeout)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int ready = poll(&pfd, 1, timeout);

	expect(ready >= 0 || errno == EINTR, "poll");
	return ready > 0 ? pfd.revents : 0;
}

static int copy(int fd, unsigned long command, void *data, uint32_t offset, uint32_t length)
{
	struct edu_copy copy = { .address = (uintptr_t)data, .offset = offset, .length = length };

	return ioctl(fd, command, &copy);
}

static void check_factorials(int fd, int quick)
{
	uint32_t number, answer;

	for (number = 0; number <= 12; number++) {
		answer = number;
		expect(ioctl(fd, EDU_COMPUTE, &answer) == 0 && answer == factorial(number), "EDU_COMPUTE");
		expect(write(fd, &number, 4) == 4, "write");
		expect(poll_for(fd, POLLIN, 10000) == POLLIN, "poll for an answer");
		expect(poll_for(fd, POLLOUT, 0) == 0, "poll with an answer to read");
		fails(write(fd, &number, 4), EBUSY, "write with an answer to read");
		fails(read(fd, &answer, 3), EINVAL, "read of three bytes");
		expect(read(fd, &answer, 4) == 4 && answer == factorial(number), "read");
		expect(poll_for(fd, POLLOUT | POLLIN, 0) == POLLOUT, "poll without a question");
	}
	/* Reading waits. */
	expect(write(fd, &(uint32_t){ 5 }, 4) == 4 && read(fd, &answer, 4) == 4 && answer == 120, "read at once");
	/* Another file asks another question. */
	expect(write(fd, &(uint32_t){ 3 }, 4) == 4, "write");
	fails(read(quick, &answer, 4), EAGAIN, "read of what another file asked");
	expect(read(fd, &answer, 4) == 4 && answer == 6, "read of one's own");
	answer = 13;
	fails(ioctl(fd, EDU_COMPUTE, &answer), ERANGE, "13");
	fails(write(fd, &answer, 4), ERANGE, "write of 13");
	fails(write(fd, &answer, 2), EINVAL, "write of two bytes");
	answer = 4;
	expect(ioctl(quick, EDU_COMPUTE, &answer) == 0 && answer == 24, "EDU_COMPUTE with O_NONBLOCK");
	printf("user: factorials are right\n");
}

static void check_copies(int fd)
{
	static unsigned char out[EDU_BUFFER_SIZE], in[EDU_BUFFER_SIZE];
	const uint32_t half = EDU_BUFFER_SIZE / 2;
	int i;

	for (i = 0; i < EDU_BUFFER_SIZE; i++)
		out[i] = i % 251;
	expect(copy(fd, EDU_COPY_IN, out, 0, EDU_BUFFER_SIZE) == 0, "EDU_COPY_IN");
	expect(copy(fd, EDU_COPY_OUT, in, 0, EDU_BUFFER_SIZE) == 0, "EDU_COPY_OUT");
	expect(!memcmp(in, out, EDU_BUFFER_SIZE), "the whole buffer");
	expect(copy(fd, EDU_COPY_IN, "xyz", half, 3) == 0, "EDU_COPY_IN of some bytes");
	memcpy(out + half, "xyz", 3);
	memset(in, 0, EDU_BUFFER_SIZE);
	expect(copy(fd, EDU_COPY_OUT, in + half - 1, half - 1, 5) == 0, "EDU_COPY_OUT of some bytes");
	expect(!memcmp(in + half - 1, out + half - 1, 5) && !in[half - 2] && !in[half + 4], "some bytes");
	fails(copy(fd, EDU_COPY_IN, out, 0, 0), EINVAL, "no bytes");
	fails(copy(fd, EDU_COPY_IN, out, 1, EDU_BUFFER_SIZE), EINVAL, "one byte too many");
	fails(copy(fd, EDU_COPY_OUT, in, EDU_BUFFER_SIZE, 1), EINVAL, "a byte past the end");
	fails(copy(fd, EDU_COPY_OUT, in, 2, UINT32_MAX), EINVAL, "too many bytes");
	fails(copy(fd, EDU_COPY_IN, (void *)8, 0, 1), EFAULT, "a bad address to copy from");
	fails(copy(fd, EDU_COPY_OUT, (void *)8, 0, 1), EFAULT, "a bad address to copy to");
	fails(ioctl(fd, _IO('E', 9), 0), ENOTTY, "an unknown command");
	printf("user: copies are right\n");
}

static void check(const char *path)
{
	int fd = open(path, O_RDWR), quick = open(path, O_RDWR | O_NONBLOCK);
	uint32_t identity = 0;

	expect(fd >= 0 && quick >= 0, path);
	expect(ioctl(fd, EDU_GET_IDENTITY, &identity) == 0 && (identity & 0xffff) == 0xed, "EDU_GET_IDENTITY");
	check_factorials(fd, quick);
	check_copies(fd);
}

/* Checks all calls on a file whose device is gone. */
static void check_gone(int fd)
{
	uint32_t number = 1;

	fails(read(fd, &number, 4), ENODEV, "read without device");
	fails(write(fd, &number, 4), ENODEV, "write without device");
	fails(ioctl(fd, EDU_COMPUTE, &number), ENODEV, "EDU_COMPUTE without device");
	fails(copy(fd, EDU_COPY_OUT, &number, 0, 4), ENODEV, "EDU_COPY_OUT without device");
	expect(poll_for(fd, POLLIN, 0) == (POLLHUP | POLLERR), "poll without device");
}

static void hold(const char *path, const char *ready)
{
	int idle = open(path, O_RDWR), fd = open(path, O_RDWR);
	char answer[4];

	expect(idle >= 0 && fd >= 0, path);
	close(open(ready, O_CREAT | O_WRONLY, 0600));
	alarm(60);
	fails(read(fd, answer, 4), ENODEV, "a read that was waiting");
	check_gone(fd);
	check_gone(idle);
	printf("user: all fail without device\n");
}

static volatile sig_atomic_t stopped;
static unsigned long factorials, copies, losses;
static int nodes;

static void stop(int signal)
{
	stopped = 1;
}

/* Returns whether a call succeeded; if not, the device is gone. */
static int done(int result, const char *what)
{
	if (result >= 0)
		return 1;
	if (errno != ENODEV)
		fail(what);
	return 0;
}

/* Runs one operation on a device that may go away; returns 0 if the device is gone. */
static int use(int fd, int thread, unsigned int round)
{
	uint32_t number = round % 13, answer = number;
	unsigned char out[SHARE], in[SHARE];

	switch (round % 8) {
	case 0:
		memset(out, round, SHARE);
		memset(in, ~round, SHARE);
		if (!done(copy(fd, EDU_COPY_IN, out, thread * SHARE, SHARE), "EDU_COPY_IN"))
			return 0;
		if (!done(copy(fd, EDU_COPY_OUT, in, thread * SHARE, SHARE), "EDU_COPY_OUT"))
			return 0;
		expect(!memcmp(in, out, SHARE), "a copy of a copy");
		__atomic_add_fetch(&copies, 1, __ATOMIC_RELAXED);
		return 1;
	case 1:
	case 2:
	case 3:
		if (!done(write(fd, &number, 4), "write"))
			return 0;
		if (poll_for(fd, POLLIN, 10000) != POLLIN)
			expect(poll_for(fd, POLLIN, 0) & POLLHUP, "poll for an answer");
		if (!done(read(fd, &answer, 4), "read"))
			return 0;
		break;
	default:
		if (!done(ioctl(fd, EDU_COMPUTE, &answer), "EDU_COMPUTE"))
			return 0;
	}
	expect(answer == factorial(number), "a factorial");
	__atomic_add_fetch(&factorials, 1, __ATOMIC_RELAXED);
	return 1;
}

static void *storm_thread(void *argument)
{
	int thread = (int)(intptr_t)argument;
	unsigned int round = thread, node = thread;
	char path[32];

	while (!stopped) {
		int fd, more = 16;

		/* Other threads have to run, too. */
		usleep(2000);
		snprintf(path, sizeof(path), "/dev/edu%u", node++ % nodes);
		fd = open(path, O_RDWR);
		if (fd < 0) {
			expect(errno == ENOENT || errno == ENODEV || errno == ENXIO, "open");
			continue;
		}
		while (more-- && use(fd, thread, round++))
			usleep(1000);
		if (more >= 0) {
			check_gone(fd);
			__atomic_add_fetch(&losses, 1, __ATOMIC_RELAXED);
		}
		close(fd);
	}
	return NULL;
}

static void storm(const char *count)
{
	pthread_t threads[THREADS];
	int i;

	nodes = atoi(count);
	signal(SIGTERM, stop);
	for (i = 0; i < THREADS; i++)
		expect(!pthread_create(&threads[i], NULL, storm_thread, (void *)(intptr_t)i), "pthread_create");
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	printf("user: %lu factorials, %lu copies, %lu times the device was gone\n", factorials, copies, losses);
	expect(factorials && copies, "nothing was done");
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3 && !strcmp(argv[1], "check"))
		check(argv[2]);
	else if (argc == 4 && !strcmp(argv[1], "hold"))
		hold(argv[2], argv[3]);
	else if (argc == 3 && !strcmp(argv[1], "storm"))
		storm(argv[2]);
	else
		return 2;
	return 0;
}
