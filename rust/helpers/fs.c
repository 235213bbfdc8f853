// SPDX-License-Identifier: GPL-2.0
#include <linux/fs.h>
#include <linux/uio.h>

#include "helpers.h"

unsigned int lb_file_flags(const struct file *file)
{
	return READ_ONCE(file->f_flags);
}

void *LB_CALLED lb_file_private_data(const struct file *file)
{
	return file->private_data;
}

void lb_set_file_private_data(struct file *file, void *data)
{
	file->private_data = data;
}

struct file *LB_CALLED lb_kiocb_file(const struct kiocb *kiocb)
{
	return kiocb->ki_filp;
}

loff_t *LB_CALLED lb_kiocb_pos(struct kiocb *kiocb)
{
	return &kiocb->ki_pos;
}

size_t LB_CALLED lb_iov_iter_count(const struct iov_iter *i)
{
	return iov_iter_count(i);
}

/*
 * C warns about sizes above INT_MAX. A request is never larger than MAX_RW_COUNT, so the minimum
 * cuts nothing off.
 */
size_t LB_CALLED lb_copy_to_iter(const void *from, size_t bytes, struct iov_iter *i)
{
	return copy_to_iter(from, min_t(size_t, bytes, iov_iter_count(i)), i);
}

size_t LB_CALLED lb_copy_from_iter(void *to, size_t bytes, struct iov_iter *i)
{
	return copy_from_iter(to, min_t(size_t, bytes, iov_iter_count(i)), i);
}
