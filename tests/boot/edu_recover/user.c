// SPDX-License-Identifier: GPL-2.0
/*
 * Uses an edu device that fails for a moment:
 *
 *	user lost NODE DEVICE FAULT
 *		takes a function away from the device while it computes and copies
 *	user ask NODE FILE
 *		makes FILE; then 4 threads ask until SIGTERM, and a request may fail with EIO
 *	user wait NODE DEVICE FILE
 *		makes FILE, then waits for an answer that does not come
 *	user flip DEVICE COUNT
 *		takes a function away from the device for a moment, COUNT times
 *	user check NODE
 *		checks all functions, as the driver's own program does
 */
#define main edu_main
#include "../../../drivers/misc/edu/user.c"
#undef main

#include <time.h>

#define COMMAND		0x04
#define MEMORY		0x02
#define MASTER		0x04
#define CAPABILITIES	0x34
#define MSI		0x05
#define MSI_FLAGS	2
#define MSI_ENABLE	0x01
#define BUSES		0x18
#define SECONDARY	0xff00

/* The functions that can be taken away: bits of a register in configuration space. */
struct bits {
	int fd;
	off_t offset;
	uint16_t mask, before;
};

static uint16_t get(int fd, off_t offset)
{
	uint16_t value;

	expect(pread(fd, &value, 2, offset) == 2, "read of configuration space");
	return value;
}

static struct bits bits_of(const char *directory, off_t offset, uint16_t mask)
{
	struct bits bits = { .offset = offset, .mask = mask };
	char path[128];

	snprintf(path, sizeof(path), "%s/config", directory);
	bits.fd = open(path, O_RDWR);
	expect(bits.fd >= 0, path);
	if (offset == MSI_FLAGS) {
		uint8_t capability = get(bits.fd, CAPABILITIES);

		while (capability && (get(bits.fd, capability) & 0xff) != MSI)
			capability = get(bits.fd, capability) >> 8;
		expect(capability, "the device has no MSI");
		bits.offset += capability;
	}
	bits.before = get(bits.fd, bits.offset);
	expect(bits.before & mask, "it is off already");
	return bits;
}

static void set(const struct bits *bits, uint16_t value)
{
	expect(pwrite(bits->fd, &value, 2, bits->offset) == 2, "write to configuration space");
}

static void take_away(const struct bits *bits)
{
	set(bits, bits->before & ~bits->mask);
}

static void give_back(const struct bits *bits)
{
	set(bits, bits->before);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* Checks that the device works: it answers, and copies. */
static void works(int fd)
{
	uint32_t answer = 11;
	char out[64] = "", in[64] = "";

	expect(ioctl(fd, EDU_COMPUTE, &answer) == 0 && answer == factorial(11), "EDU_COMPUTE afterwards");
	memset(out, rand(), sizeof(out));
	expect(copy(fd, EDU_COPY_IN, out, 8, sizeof(out)) == 0, "EDU_COPY_IN afterwards");
	expect(copy(fd, EDU_COPY_OUT, in, 8, sizeof(in)) == 0, "EDU_COPY_OUT afterwards");
	expect(!memcmp(in, out, sizeof(in)), "a copy afterwards");
}

static int copied, copy_error;
static unsigned char pattern[EDU_BUFFER_SIZE];

static void *copy_thread(void *argument)
{
	copied = copy(*(int *)argument, EDU_COPY_IN, pattern, 0, EDU_BUFFER_SIZE);
	copy_error = errno;
	return NULL;
}

/* Begins a copy, and lets the device come to the middle of it. */
static pthread_t begin_copy(int *fd)
{
	pthread_t thread;

	memset(pattern, rand(), EDU_BUFFER_SIZE);
	expect(!pthread_create(&thread, NULL, copy_thread, fd), "pthread_create");
	usleep(30000);
	return thread;
}

/* Checks that a copy has failed, or that its data is right. */
static void end_copy(pthread_t thread, int fd)
{
	static unsigned char in[EDU_BUFFER_SIZE];

	pthread_join(thread, NULL);
	if (copied == 0) {
		expect(copy(fd, EDU_COPY_OUT, in, 0, EDU_BUFFER_SIZE) == 0, "EDU_COPY_OUT");
		expect(!memcmp(in, pattern, EDU_BUFFER_SIZE), "a copy that succeeded");
		printf("user: the copy succeeded\n");
		return;
	}
	errno = copy_error;
	expect(errno == EIO || errno == ENODEV, "EDU_COPY_IN");
	printf("user: the copy failed: %s\n", errno == EIO ? "EIO" : "ENODEV");
}

/* A question and a copy lose their interrupts. The answer comes all the same; the copy fails. */
static void lost_interrupts(int fd, const struct bits *bits)
{
	uint32_t answer = 0;
	pthread_t thread = begin_copy(&fd);

	take_away(bits);
	expect(write(fd, &(uint32_t){ 7 }, 4) == 4, "write");
	usleep(200000);
	give_back(bits);
	expect(poll_for(fd, POLLIN, 20000) == POLLIN, "poll for an answer whose interrupt was lost");
	expect(read(fd, &answer, 4) == 4 && answer == 5040, "read");
	printf("user: the answer came\n");
	end_copy(thread, fd);
}

/* Nothing answers at the registers: a question fails at once. */
static void no_registers(int fd, const struct bits *bits, int error)
{
	const struct bits *more = bits + 1;
	uint32_t number = 7;
	double begin;
	pthread_t thread = begin_copy(&fd);

	take_away(bits);
	if (error == ENODEV)
		take_away(more);
	begin = now();
	fails(write(fd, &number, 4), error, "write without registers");
	fails(ioctl(fd, EDU_COMPUTE, &number), error, "EDU_COMPUTE without registers");
	fails(ioctl(fd, EDU_GET_IDENTITY, &number), error, "EDU_GET_IDENTITY without registers");
	expect(now() - begin < 2, "it took too long to fail");
	usleep(200000);
	if (error == ENODEV)
		give_back(more);
	give_back(bits);
	printf("user: questions failed: %s\n", error == EIO ? "EIO" : "ENODEV");
	end_copy(thread, fd);
}

static void lost(const char *node, const char *device, const char *fault)
{
	int fd = open(node, O_RDWR);
	char bridge[128];

	expect(fd >= 0, node);
	snprintf(bridge, sizeof(bridge), "%s/..", device);
	/* If a request waits for ever, the alarm ends the program. */
	alarm(100);
	if (!strcmp(fault, "mastering")) {
		lost_interrupts(fd, (struct bits[]){ bits_of(device, COMMAND, MASTER) });
	} else if (!strcmp(fault, "messages")) {
		lost_interrupts(fd, (struct bits[]){ bits_of(device, MSI_FLAGS, MSI_ENABLE) });
	} else if (!strcmp(fault, "decoding")) {
		no_registers(fd, (struct bits[]){ bits_of(device, COMMAND, MEMORY) }, EIO);
	} else if (!strcmp(fault, "bridge")) {
		no_registers(fd, (struct bits[]){ bits_of(bridge, COMMAND, MEMORY) }, EIO);
	} else {
		struct bits both[] = { bits_of(bridge, COMMAND, MEMORY), bits_of(bridge, BUSES, SECONDARY) };

		no_registers(fd, both, ENODEV);
	}
	works(fd);
	printf("user: works after %s\n", fault);
}

static unsigned long done_right, failed;

/* Returns whether a request succeeded. It may fail with EIO, or with EAGAIN if it does not wait. */
static int carried_out(long result, int waits, const char *what)
{
	if (result >= 0)
		return 1;
	expect(errno == EIO || (errno == EAGAIN && !waits), what);
	if (errno == EIO)
		__atomic_add_fetch(&failed, 1, __ATOMIC_RELAXED);
	return 0;
}

static void *ask_thread(void *argument)
{
	const char *node = argument;
	static int threads;
	int thread = __atomic_fetch_add(&threads, 1, __ATOMIC_RELAXED), waits = thread & 1;
	int fd = open(node, O_RDWR | (waits ? 0 : O_NONBLOCK));
	unsigned char out[SHARE], in[SHARE];
	uint32_t number, answer;

	expect(fd >= 0, node);
	/* Until then at least one copy is right. */
	for (number = thread; !stopped || !__atomic_load_n(&done_right, __ATOMIC_RELAXED); number = (number + 1) % 13) {
		answer = number;
		if (carried_out(ioctl(fd, EDU_COMPUTE, &answer), waits, "EDU_COMPUTE"))
			expect(answer == factorial(number), "a factorial");
		if (carried_out(write(fd, &number, 4), waits, "write")) {
			expect(poll_for(fd, POLLIN, 20000) & POLLIN, "poll for an answer");
			if (carried_out(read(fd, &answer, 4), 1, "read"))
				expect(answer == factorial(number), "an answer");
		}
		memset(out, rand(), SHARE);
		if (thread < 2 &&
		    carried_out(copy(fd, EDU_COPY_IN, out, thread * SHARE, SHARE), waits, "EDU_COPY_IN") &&
		    carried_out(copy(fd, EDU_COPY_OUT, in, thread * SHARE, SHARE), waits, "EDU_COPY_OUT")) {
			expect(!memcmp(in, out, SHARE), "a copy of a copy");
			__atomic_add_fetch(&done_right, 1, __ATOMIC_RELAXED);
		}
		usleep(1000);
	}
	return NULL;
}

static void ask(const char *node, const char *ready)
{
	pthread_t threads[4];
	int i;

	signal(SIGTERM, stop);
	for (i = 0; i < 4; i++)
		expect(!pthread_create(&threads[i], NULL, ask_thread, (void *)node), "pthread_create");
	close(open(ready, O_CREAT | O_WRONLY, 0600));
	while (!stopped)
		usleep(10000);
	alarm(60);
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	expect(done_right, "nothing was done");
	printf("user: asked: %lu copies were right, %lu requests failed\n", done_right, failed);
}

static void wait_for_answer(const char *node, const char *device, const char *ready)
{
	struct bits master = bits_of(device, COMMAND, MASTER);
	int fd = open(node, O_RDWR);
	uint32_t answer;

	expect(fd >= 0, node);
	alarm(60);
	take_away(&master);
	expect(write(fd, &(uint32_t){ 7 }, 4) == 4, "write");
	close(open(ready, O_CREAT | O_WRONLY, 0600));
	fails(read(fd, &answer, 4), ENODEV, "read of an answer that does not come");
	printf("user: ended with the binding\n");
}

static void flip(const char *device, int count)
{
	const struct bits bits[] = {
		bits_of(device, COMMAND, MASTER), bits_of(device, COMMAND, MEMORY), bits_of(device, MSI_FLAGS, MSI_ENABLE),
	};

	while (count--) {
		const struct bits *one = &bits[count % 3];

		take_away(one);
		usleep(rand() % 5000);
		give_back(one);
		usleep(rand() % 200000);
	}
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 5 && !strcmp(argv[1], "lost"))
		lost(argv[2], argv[3], argv[4]);
	else if (argc == 4 && !strcmp(argv[1], "ask"))
		ask(argv[2], argv[3]);
	else if (argc == 4 && !strcmp(argv[1], "flip"))
		flip(argv[2], atoi(argv[3]));
	else if (argc == 5 && !strcmp(argv[1], "wait"))
		wait_for_answer(argv[2], argv[3], argv[4]);
	else
		return edu_main(argc, argv);
	return 0;
}
