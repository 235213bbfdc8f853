// SPDX-License-Identifier: GPL-2.0
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/seq_file.h>

#include "helpers.h"

struct dentry *lb_debugfs_create_dir(const char *name, struct dentry *parent)
{
	/* NULL is the top. In a directory that could not be made, nothing is made. */
	return IS_ERR(parent) ? parent : debugfs_create_dir(name, parent);
}

struct dentry *lb_debugfs_create_file(const char *name, umode_t mode, struct dentry *parent, void *data,
				      const struct file_operations *fops)
{
	return IS_ERR(parent) ? parent : debugfs_create_file(name, mode, parent, data, fops);
}

void lb_debugfs_remove(struct dentry *dentry)
{
	debugfs_remove(dentry);
}

int lb_seq_open(struct inode *inode, struct file *file, int (*show)(struct seq_file *, void *))
{
	return single_open(file, show, inode->i_private);
}

void *lb_seq_private(const struct seq_file *seq)
{
	return seq->private;
}

void *lb_file_inode_private(const struct file *file)
{
	return file_inode(file)->i_private;
}
