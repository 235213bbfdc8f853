// SPDX-License-Identifier: GPL-2.0
/*
 * The part of the test that uses device nodes from user space.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define IDENTITY	_IOR('L', 1, unsigned int)
#define SUM		_IOWR('L', 2, unsigned int[2])
#define LATER		_IO('L', 4)
#define BUSY		_IO('L', 3)

/* An address without memory. The compiler must not know its value. */
static void *volatile bad = (void *)8;
#define BAD		bad

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

/* The call failed with this errno. */
static void fails(long result, int error, const char *what)
{
	if (result != -1 || errno != error)
		fail(what);
}

static int open_node(const char *path, int flags)
{
	int fd = open(path, flags);

	expect(fd >= 0, path);
	return fd;
}

static short poll_now(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN | POLLOUT };

	expect(poll(&pfd, 1, 0) >= 0, "poll");
	return pfd.revents;
}

/* Makes all calls while there is a device. */
static void basic(const char *path)
{
	const char *volatile many = "";
	unsigned int identity = 0, pair[2] = { 40, 2 };
	char buffer[16] = "", tail[16] = "";
	struct iovec pieces[2] = { { buffer, 2 }, { tail, sizeof(tail) } };
	struct iovec written[2] = { { "ab", 2 }, { "c", 1 } };
	int fd = open_node(path, O_RDWR), quick = open_node(path, O_RDWR | O_NONBLOCK);

	expect(ioctl(fd, IDENTITY, &identity) == 0 && identity == 0x010000ed, "IDENTITY");
	expect(ioctl(fd, SUM, pair) == 0 && pair[0] == 42 && pair[1] == identity, "SUM");
	expect(ioctl(fd, LATER, &identity) == 0 && identity == 0x010000ed, "memory is the calling program's alone");
	fails(ioctl(fd, IDENTITY, BAD), EFAULT, "a bad address to write to");
	fails(ioctl(fd, SUM, BAD), EFAULT, "a bad address to read from");
	fails(ioctl(fd, _IOW('L', 2, char), pair), ENOTTY, "an unknown ioctl");
	fails(read(quick, buffer, 1), EAGAIN, "a read that must not wait");
	fails(write(fd, many, 64 << 20), ENOMEM, "more than there is memory for");
	expect(poll_now(fd) == POLLOUT, "nothing to read");
	expect(write(fd, "hello", 5) == 5, "write");
	expect(poll_now(fd) == (POLLIN | POLLOUT), "something to read");
	expect(readv(quick, pieces, 2) == 5 && !strcmp(buffer, "he") && !strcmp(tail, "llo"), "readv");
	expect(writev(fd, written, 2) == 3, "writev");
	expect(read(quick, buffer, sizeof(buffer)) == 3 && !memcmp(buffer, "abc", 3), "read of several pieces");
	fails(write(fd, BAD, 5), EFAULT, "a bad address to write from");
	fails(lseek(fd, 0, SEEK_SET), ESPIPE, "a seek");
	printf("user: basic calls work\n");
}

/* One process waits in a read for what another process writes. */
static void wakes(const char *path)
{
	int fd = open_node(path, O_RDWR), status;
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char c = 0;

	if (!fork()) {
		usleep(100000);
		expect(write(fd, "x", 1) == 1, "write");
		_exit(0);
	}
	expect(poll(&pfd, 1, 10000) == 1 && pfd.revents == POLLIN, "poll that waits");
	expect(read(fd, &c, 1) == 1 && c == 'x', "read");
	wait(&status);
	if (!fork()) {
		usleep(100000);
		expect(write(fd, "y", 1) == 1, "write");
		_exit(0);
	}
	expect(read(fd, &c, 1) == 1 && c == 'y', "read that waits");
	wait(&status);
	printf("user: readers are woken\n");
}

/*
 * Makes every call that can wait, each in a process of its own. Each process prints how its wait
 * ended when the device went.
 */
static void hold(const char *path, const char *ready)
{
	int fd = open_node(path, O_RDWR), ep = epoll_create1(0), status, failed = 0;
	struct epoll_event event = { .events = EPOLLIN };
	char c;

	signal(SIGALRM, SIG_DFL);
	alarm(60);
	expect(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
	if (!fork()) {
		fails(read(fd, &c, 1), ENODEV, "a read that was waiting");
		printf("user: read: ENODEV\n");
		exit(0);
	}
	if (!fork()) {
		struct pollfd pfd = { .fd = fd, .events = POLLIN };

		expect(poll(&pfd, 1, -1) == 1 && pfd.revents == (POLLHUP | POLLERR), "poll that was waiting");
		printf("user: poll: HUP ERR\n");
		exit(0);
	}
	if (!fork()) {
		expect(epoll_wait(ep, &event, 1, -1) == 1 && event.events == (EPOLLHUP | EPOLLERR), "epoll");
		printf("user: epoll: HUP ERR\n");
		exit(0);
	}
	if (!fork()) {
		expect(ioctl(fd, BUSY) == 7, "an ioctl that was running");
		printf("user: busy: done\n");
		exit(0);
	}
	usleep(300000);
	close(open(ready, O_CREAT | O_WRONLY, 0600));
	while (wait(&status) > 0)
		failed |= status;
	expect(!failed, "a process that was waiting");
	fails(read(fd, &c, 1), ENODEV, "read without device");
	fails(write(fd, &c, 1), ENODEV, "write without device");
	fails(ioctl(fd, IDENTITY, &c), ENODEV, "ioctl without device");
	expect(poll_now(fd) == (POLLHUP | POLLERR), "poll without device");
	printf("user: all fail without device\n");
	/* The file stays open until the process is killed. */
	close(open(strcat(strdup(ready), "2"), O_CREAT | O_WRONLY, 0600));
	alarm(0);
	pause();
}

/* Uses the node while it comes and goes, until it is killed. */
static void hammer(const char *path)
{
	unsigned int pair[2];
	struct epoll_event event = { .events = EPOLLIN };
	char c;

	for (;;) {
		int fd, ep;

		/* Other processes have to run, too. */
		usleep(2000);
		fd = open(path, O_RDWR | O_NONBLOCK);
		if (fd < 0) {
			if (errno != ENOENT && errno != ENODEV && errno != ENXIO)
				fail("open");
			continue;
		}
		ep = epoll_create1(0);
		epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event);
		for (int i = 0; i < 5; i++) {
			if (ioctl(fd, SUM, pair) != 0 && errno != ENODEV)
				fail("SUM");
			if (write(fd, "ab", 2) != 2 && errno != ENODEV)
				fail("write");
			if (read(fd, &c, 1) != 1 && errno != ENODEV && errno != EAGAIN)
				fail("read");
			poll_now(fd);
			epoll_wait(ep, &event, 1, 0);
		}
		close(fd);
		close(ep);
	}
}

/* The module's own node. */
static void own(const char *path)
{
	char buffer[16] = "";
	int fd = open_node(path, O_RDONLY);

	expect(read(fd, buffer, 4) == 4 && !strcmp(buffer, "own "), "first part");
	expect(read(fd, buffer, 16) == 5 && !memcmp(buffer, "text\n", 5), "second part");
	expect(read(fd, buffer, 16) == 0, "end");
	expect(pread(fd, buffer, 1, 2) == 1 && buffer[0] == 'n', "pread");
	expect(ioctl(fd, 1, 5) == 4 && ioctl(fd, 1, 0) == 9, "ioctl");
	fails(pread(fd, BAD, 1, 0), EFAULT, "a bad address");
	printf("user: own node works\n");
}

/* Uses a node whose files have a size of 4. The device goes when `ready` is there. */
static void tape(const char *path, const char *ready)
{
	int fd = open_node(path, O_RDONLY), i;
	char c = 0;

	expect(lseek(fd, 3, SEEK_SET) == 3 && read(fd, &c, 1) == 1 && c == (char)0xed, "SEEK_SET");
	expect(lseek(fd, 0, SEEK_CUR) == 4 && read(fd, &c, 1) == 0, "SEEK_CUR");
	expect(lseek(fd, -4, SEEK_END) == 0 && read(fd, &c, 1) == 1 && c == 1, "SEEK_END");
	fails(lseek(fd, 5, SEEK_SET), EINVAL, "a seek past the end");
	fails(lseek(fd, -2, SEEK_CUR), EINVAL, "a seek before the start");
	printf("user: seeks work\n");
	close(open(ready, O_CREAT | O_WRONLY, 0600));
	for (i = 0; i < 6000 && lseek(fd, 0, SEEK_SET) == 0; i++)
		usleep(10000);
	fails(lseek(fd, 0, SEEK_SET), ENODEV, "a seek without a device");
	printf("user: seeks end\n");
}

struct unserved {
	int fd;
	void *page;
};

static void *unserved_thread(void *argument)
{
	struct unserved *unserved = argument;

	write(unserved->fd, unserved->page, 5);
	fail("a write of a page that is not there returned");
	return NULL;
}

/*
 * Writes from a page that is never served. Makes `ready` when the kernel asks for the page, or
 * `cannot` if there is no userfaultfd.
 */
static void unserved(const char *path, const char *ready)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct unserved unserved = { .fd = open_node(path, O_RDWR) };
	struct pollfd fault = { .events = POLLIN };
	const size_t size = 4096;
	pthread_t thread;

	fault.fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (fault.fd < 0 && errno == ENOSYS) {
		close(open("cannot", O_CREAT | O_WRONLY, 0600));
		return;
	}
	expect(fault.fd >= 0, "userfaultfd");
	expect(ioctl(fault.fd, UFFDIO_API, &api) == 0, "UFFDIO_API");
	unserved.page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	expect(unserved.page != MAP_FAILED, "mmap");
	range.range.start = (unsigned long)unserved.page;
	range.range.len = size;
	expect(ioctl(fault.fd, UFFDIO_REGISTER, &range) == 0, "UFFDIO_REGISTER");
	expect(!pthread_create(&thread, NULL, unserved_thread, &unserved), "pthread_create");
	expect(poll(&fault, 1, 10000) == 1, "nobody asked for the page");
	close(open(ready, O_CREAT | O_WRONLY, 0600));
	pause();
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	expect(argc >= 3, "usage");
	if (!strcmp(argv[1], "basic"))
		basic(argv[2]);
	else if (!strcmp(argv[1], "wakes"))
		wakes(argv[2]);
	else if (!strcmp(argv[1], "hold"))
		hold(argv[2], argv[3]);
	else if (!strcmp(argv[1], "tape"))
		tape(argv[2], argv[3]);
	else if (!strcmp(argv[1], "unserved"))
		unserved(argv[2], argv[3]);
	else if (!strcmp(argv[1], "hammer"))
		hammer(argv[2]);
	else
		own(argv[2]);
	return 0;
}
