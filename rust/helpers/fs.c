// SPDX-License-Identifier: GPL-2.0
#include <linux/fs.h>
#include <linux/uio.h>

#include "helpers.h"

unsigned int lb_file_flags(const struct file *file)
{
	return READ_ONCE(file->f_flags);
}

void lb_set_file_private_data(struct file *file, void *data)
{
	file->private_data = data;
}

/* An iterator of memory of a program's, which access_ok() has seen: to be written if `dest`. */
void LB_CALLED lb_iov_iter_ubuf(struct iov_iter *i, bool dest, void __user *buf, size_t count)
{
	iov_iter_ubuf(i, dest ? ITER_DEST : ITER_SOURCE, buf, count);
}

/*
 * C warns about sizes above INT_MAX. A request is never larger than MAX_RW_COUNT, so the minimum
 * cuts nothing off.
 *
 * C looks whether the memory of the kernel is such as may be copied, unless its size is constant.
 * A slice has bounds of its own, and with few bytes this would take longer than all else.
 */
#define LB_FEW 64

size_t LB_CALLED lb_copy_to_iter(const void *from, size_t bytes, struct iov_iter *i)
{
	bytes = min_t(size_t, bytes, iov_iter_count(i));
	if (bytes <= LB_FEW)
		return _copy_to_iter(from, bytes, i);
	return copy_to_iter(from, bytes, i);
}

size_t LB_CALLED lb_copy_from_iter(void *to, size_t bytes, struct iov_iter *i)
{
	bytes = min_t(size_t, bytes, iov_iter_count(i));
	if (bytes <= LB_FEW)
		return _copy_from_iter(to, bytes, i);
	return copy_from_iter(to, bytes, i);
}
