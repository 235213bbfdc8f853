// SPDX-License-Identifier: GPL-2.0
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "helpers.h"

struct dentry *lb_debugfs_create_dir(const char *name, struct dentry *parent)
{
	/* Only null is the top: where something failed, nothing is made. */
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

/* The directories that the module's devices share, each there as long as somebody uses it. */
static LIST_HEAD(shared_dirs);
static DEFINE_MUTEX(shared_lock);

struct lb_debugfs_dir {
	struct list_head list;
	struct dentry *dentry;
	unsigned long users;
	char name[];
};

static struct lb_debugfs_dir *find_shared(const char *name)
{
	size_t size = strlen(name) + 1;
	struct lb_debugfs_dir *dir;

	list_for_each_entry(dir, &shared_dirs, list)
		if (!strcmp(dir->name, name))
			return dir;
	dir = kzalloc(struct_size(dir, name, size), GFP_KERNEL);
	if (!dir)
		return NULL;
	memcpy(dir->name, name, size);
	dir->dentry = debugfs_create_dir(name, NULL);
	list_add(&dir->list, &shared_dirs);
	return dir;
}

struct lb_debugfs_dir *lb_debugfs_get_shared(const char *name)
{
	struct lb_debugfs_dir *dir;

	mutex_lock(&shared_lock);
	dir = find_shared(name);
	if (dir)
		dir->users++;
	mutex_unlock(&shared_lock);
	return dir;
}

void lb_debugfs_put_shared(struct lb_debugfs_dir *dir)
{
	mutex_lock(&shared_lock);
	if (!--dir->users) {
		list_del(&dir->list);
		debugfs_remove(dir->dentry);
		kfree(dir);
	}
	mutex_unlock(&shared_lock);
}

struct dentry *lb_debugfs_shared_dentry(const struct lb_debugfs_dir *dir)
{
	return dir->dentry;
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
