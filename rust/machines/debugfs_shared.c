// SPDX-License-Identifier: GPL-2.0
#include <linux/debugfs.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "machines.h"

/*
 * The directories at the top of debugfs that the module's devices share. This is C because the lock
 * and the list have to be initialised before the module begins.
 *
 * Invariants
 *
 * Owner: each lb_debugfs_get_shared() makes one user, which lb_debugfs_put_shared() gives up. The
 * list owns a directory; a user may use the pointer until it gives it up.
 *
 * Fields: shared_lock protects the list, and `list` and `users` of each directory in it. `name` and
 * `dentry` do not change after the directory was added.
 *
 * Calls: get and put take a mutex, and may sleep. The last put waits for the operations of files
 * that are still in the directory. The crate's files are users of it, so none of them is.
 *
 * DIR-SHARED: a directory is in the list as long as it has users, at most once under a name. It is
 * made for the first user and removed with the last. Both happen with the lock held, so that no
 * user finds a directory that is being removed.
 */
static LIST_HEAD(shared_dirs);
static DEFINE_MUTEX(shared_lock);

struct lb_debugfs_dir {
	struct list_head list;
	struct dentry *dentry;
	unsigned long users;
	char name[];
};

/* Returns the directory, which it makes if there is none. The caller holds shared_lock. */
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
