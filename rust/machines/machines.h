/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Machines: parts of the crate in C that have locks and life cycles, one in each file. A shim
 * (rust/helpers) stands for one function of C. A machine has invariants, which stand at the top of
 * its file and in Documentation/contract.md.
 *
 * The crate is in Rust but for these parts, each of which has a reason to be in C:
 *
 *   - auxiliary_child.c: the module may be gone when its devices are released, so only the kernel's
 *     own functions may run then.
 *   - i2c_client.c, calls.c: they use the locks and lists inside of C's structures.
 *   - debugfs_shared.c: it is initialised before the module begins.
 *   - faux.c: it decides by the target's headers what a device is made of.
 *   - lock.c: it is a part of C's lock functions.
 *   - kunit.c, kunit_bus.c: they serve the crate's own tests alone.
 */
#ifndef LIFEBOUND_MACHINES_H
#define LIFEBOUND_MACHINES_H

#include "helpers.h"

/* auxiliary_child.c */

/*
 * A child device that the crate has made. It is one piece of memory, so that its release uses
 * nothing of a module.
 */
struct lb_aux {
	struct auxiliary_device adev;	/* first: its release is kfree() */
	struct device_type type;
	const void *owner;		/* names the module that made it */
	const void *data;		/* the module registered this with it, */
	const void *data_type;		/* and this is the data's type */
	struct list_head aside;		/* the entry for the parent, until the device is deleted */
	char type_name[24];
	char name[AUXILIARY_NAME_SIZE];
};

struct lb_aux *lb_aux_alloc(struct device *parent, const char *name, u32 id);
int lb_aux_add(struct lb_aux *aux, const char *modname);
void lb_aux_delete(struct lb_aux *aux);
void lb_aux_put(struct lb_aux *aux);
const struct lb_aux *lb_aux_of(const struct auxiliary_device *adev);
bool lb_aux_is_own(const struct lb_aux *aux);

/* calls.c */
struct lb_call {
	struct task_struct *task;
	const void *key;
	bool driver;	/* a driver's callback, not one of something that a driver has registered */
};

struct lb_call *LB_CALLED lb_call_begin(const void *key, bool driver);
void lb_call_end_uncounted(void);
bool lb_in_call(const void *key, bool unknown);
bool lb_in_other_call(void);
bool LB_CALLED lb_in_interrupt(void);
struct wait_queue_entry *lb_misc_open_begin(void);
void lb_misc_open_end(struct wait_queue_entry *entry);
bool lb_in_misc_open(void);

/* debugfs_shared.c */
struct lb_debugfs_dir;
/*
 * Returns the directory of that name at the top, with one user more, and makes it for the first
 * user. NULL without memory.
 */
struct lb_debugfs_dir *lb_debugfs_get_shared(const char *name);
/* Takes one user away, and removes the directory with the last. */
void lb_debugfs_put_shared(struct lb_debugfs_dir *dir);
/* Returns the directory of a user, or the error with which debugfs could not make it. */
struct dentry *lb_debugfs_shared_dentry(const struct lb_debugfs_dir *dir);

/* faux.c */
struct device *lb_faux_create(const char *name, struct device *parent);
void lb_faux_destroy(struct device *dev);

/* i2c_client.c */
struct lb_i2c_client;
struct lb_i2c_client *lb_i2c_alloc(struct i2c_adapter *adapter);
int lb_i2c_register(struct lb_i2c_client *c, const struct i2c_board_info *info);
bool lb_i2c_try_unregister(struct lb_i2c_client *c);
void lb_i2c_unregister_later(struct lb_i2c_client *c);
void lb_i2c_free(struct lb_i2c_client *c);

/* lock.c */
void LB_CALLED lb_spin_lock(spinlock_t *lock);
void LB_CALLED lb_spin_unlock(spinlock_t *lock);
int lb_spin_trylock(spinlock_t *lock);
unsigned long LB_CALLED lb_spin_lock_irqsave(spinlock_t *lock);
void LB_CALLED lb_spin_unlock_irqrestore(spinlock_t *lock, unsigned long flags);
bool lb_spin_trylock_irqsave(spinlock_t *lock, unsigned long *flags);
void LB_CALLED lb_mutex_lock(struct mutex *lock);
int lb_mutex_trylock(struct mutex *lock);
void LB_CALLED lb_mutex_unlock(struct mutex *lock);

/* kunit.c, kunit_bus.c */
#if IS_ENABLED(CONFIG_KUNIT)
#include "kunit.h"
#endif

#endif
