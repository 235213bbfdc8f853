/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The calls on /dev/edu<number>:
 *
 * write()	a number of 32 bits, 0 to 12; then
 * read()	its factorial, as a number of 32 bits. EBUSY for a number that is written before it.
 * poll()	POLLIN: there is an answer to read. POLLOUT: the device would take a number now.
 * ioctl()	see below.
 *
 * Once the device is gone, each call fails with ENODEV, and poll() reports POLLHUP | POLLERR.
 *
 * EIO: the device did not finish within two seconds, or was reset meanwhile. The program can ask
 * again. For a factorial, read() returns this error.
 *
 * EAGAIN: the device is being reset, and the call does not wait (O_NONBLOCK).
 */
#ifndef EDU_H
#define EDU_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Bytes of the device's buffer. */
#define EDU_BUFFER_SIZE	4095

struct edu_copy {
	__u64 address;	/* in the program's memory */
	__u32 offset;	/* in the device's buffer */
	__u32 length;	/* not 0 */
};

#define EDU_GET_IDENTITY	_IOR('E', 0, __u32)
/* Replaces a number by its factorial. EAGAIN (O_NONBLOCK): the device is computing another one. */
#define EDU_COMPUTE		_IOWR('E', 1, __u32)
/* Copies from the program's memory to the device's buffer, and the other way round. */
#define EDU_COPY_IN		_IOW('E', 2, struct edu_copy)
#define EDU_COPY_OUT		_IOW('E', 3, struct edu_copy)

#endif
