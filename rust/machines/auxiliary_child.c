// SPDX-License-Identifier: GPL-2.0
#include <linux/auxiliary_bus.h>
#include <linux/build_bug.h>
#include <linux/device.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "machines.h"

#ifdef CONFIG_CFI_CLANG
#error "kfree() and put_device() are called through pointers of other types"
#endif

/*
 * A child device that the module has made on the auxiliary bus. Somebody may hold a reference to
 * the device for longer than the module lives, and the kernel may delay its release. This is C
 * because only the kernel's own text may run at the release.
 *
 *	alloc ──> add ──> delete ──> put	the module calls these, in this order
 *	  └──────────────────────────┘		if add fails, the module calls put next
 *
 * The last reference may go at put or later. Then the kernel's kfree() and put_device() run.
 *
 * Invariants
 *
 * Owner: the caller of lb_aux_alloc() owns one reference, which lb_aux_put() gives up. After
 * lb_aux_delete() and lb_aux_put() the caller must not use the memory.
 *
 * Fields: lb_aux_alloc() writes all fields but `data` and `data_type`. The module writes these two
 * before lb_aux_add(). None of them changes while the device is on the bus, so readers need no
 * lock. `aside` belongs to the caller of the functions below. The device's devres_lock protects the
 * list of its managed resources.
 *
 * Calls: alloc, add, delete and put may sleep, and the caller does not run them at the same time
 * for one device. lb_aux_of() and lb_aux_is_own() may be called in any context, and require a
 * device that is referenced.
 *
 * AUX-WHOLE: a struct lb_aux contains all that its device points at, and its release functions are
 * the kernel's. So nothing of the module is used after delete and put.
 *
 * AUX-PARENT: a device has a reference to its parent until it is released. A holder of a reference
 * can still ask for the parent when the device is off the bus.
 *
 *   1. The reference is an entry among the device's managed resources, which the kernel's own code
 *      releases.
 *   2. The entry is made together with the device: lb_aux_delete() must not need memory.
 *   3. The entry is kept aside until the device is deleted. The core does not probe a device that
 *      has managed resources, and unbinding a driver releases them.
 *
 * AUX-MARKED: a module of this crate, with this layout, made each device that has two marks. Its
 * type lies in the struct lb_aux around it, and the type's name is lb_aux_mark. `owner` says which
 * module it was.
 */
static_assert(offsetof(struct lb_aux, adev.dev) == 0);

/* Its address names this module. It is not constant: the linker could merge it with another. */
static char lb_aux_owner;

/*
 * The mark ends in the version of struct lb_aux. Another module, which has a crate of its own, may
 * have made the device.
 */
static const char lb_aux_mark[] = "lifebound_auxiliary_2";

/* AUX-PARENT: makes the entry, and keeps it aside. */
static int lb_aux_hold_parent(struct lb_aux *aux)
{
	struct device *dev = &aux->adev.dev;
	int err;

	INIT_LIST_HEAD(&aux->aside);
	err = __devm_add_action(dev, (void (*)(void *))put_device, dev->parent, "parent");
	if (err)
		return err;
	get_device(dev->parent);
	/* This needs no lock: nobody else knows the device yet. */
	list_splice_init(&dev->devres_head, &aux->aside);
	return 0;
}

/*
 * AUX-PARENT: from now on the device's release gives up the reference. No driver is bound, and none
 * will be. A second call does nothing.
 */
static void lb_aux_leave_parent(struct lb_aux *aux)
{
	struct device *dev = &aux->adev.dev;
	unsigned long flags;

	spin_lock_irqsave(&dev->devres_lock, flags);
	list_splice_tail_init(&aux->aside, &dev->devres_head);
	spin_unlock_irqrestore(&dev->devres_lock, flags);
}

/* Returns an initialised device with one reference, for lb_aux_put(); NULL without memory. */
struct lb_aux *lb_aux_alloc(struct device *parent, const char *name, u32 id)
{
	struct lb_aux *aux = kzalloc(sizeof(*aux), GFP_KERNEL);

	if (!aux)
		return NULL;
	BUILD_BUG_ON(sizeof(lb_aux_mark) > sizeof(aux->type_name));
	strscpy(aux->type_name, lb_aux_mark, sizeof(aux->type_name));
	strscpy(aux->name, name, sizeof(aux->name));
	aux->owner = &lb_aux_owner;
	aux->type.name = aux->type_name;
	aux->adev.name = aux->name;
	aux->adev.id = id;
	aux->adev.dev.parent = parent;
	aux->adev.dev.type = &aux->type;
	aux->adev.dev.release = (void (*)(struct device *))kfree;
	/* It fails without a parent or a name, and this device has both. */
	if (WARN_ON(auxiliary_device_init(&aux->adev))) {
		kfree(aux);
		return NULL;
	}
	if (lb_aux_hold_parent(aux)) {
		auxiliary_device_uninit(&aux->adev);
		return NULL;
	}
	return aux;
}

int lb_aux_add(struct lb_aux *aux, const char *modname)
{
	return __auxiliary_device_add(&aux->adev, modname);
}

/* Unbinds the driver and takes the device off the bus. */
void lb_aux_delete(struct lb_aux *aux)
{
	auxiliary_device_delete(&aux->adev);
	lb_aux_leave_parent(aux);
}

/* Gives up the reference of lb_aux_alloc(). The device was deleted, or never added. */
void lb_aux_put(struct lb_aux *aux)
{
	lb_aux_leave_parent(aux);
	auxiliary_device_uninit(&aux->adev);
}

/*
 * Returns the lb_aux around a device if a module of this crate made the device (AUX-MARKED), or
 * NULL. The memory around any other device is unknown. So this reads the device's type, if there is
 * one, and the type's name, and nothing else.
 */
const struct lb_aux *lb_aux_of(const struct auxiliary_device *adev)
{
	const struct lb_aux *aux = container_of(adev, struct lb_aux, adev);
	const struct device_type *type = adev->dev.type;

	if (type != &aux->type || type->name != aux->type_name || strcmp(type->name, lb_aux_mark))
		return NULL;
	return aux;
}

/* Returns whether this module made the device. */
bool lb_aux_is_own(const struct lb_aux *aux)
{
	return aux->owner == &lb_aux_owner;
}
