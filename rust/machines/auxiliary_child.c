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
 * A child device that the module has made on the auxiliary bus. It may be referenced, and its release be delayed, for longer
 * than the module lives. This is C because what runs at its release must be the kernel's text.
 *
 *	alloc ──> add ──> delete ──> put		the module, in this order; put comes after alloc if add fails
 *	   └────────────────────────┘			the last reference: the kernel's kfree() and put_device()
 *
 * Invariants
 *
 * AUX-WHOLE: the memory of a struct lb_aux has all that its device points at, and the release functions are the kernel's.
 * So nothing of the module is used once it was deleted and put.
 *
 * AUX-PARENT: a device has a reference to its parent until it is released, since whoever refers to a device that is off the
 * bus can still ask for the parent. The reference is an entry among the device's managed resources: what ends those is the
 * kernel's. To delete a device must not depend on memory, so the entry is made together with the device. It is kept aside
 * until the device is deleted, as no driver is probed for a device that has managed resources, and as unbinding a driver
 * ends them.
 *
 * AUX-MARKED: a device whose type lies in the struct lb_aux around it and has the mark for its name was made by a module of
 * this crate, with this layout. Its owner says which module that is.
 */
static_assert(offsetof(struct lb_aux, adev.dev) == 0);

/* Its address names this module. Not constant: the linker could merge it with another. */
static char lb_aux_owner;

/* With the version of struct lb_aux: the device may be another module's, with a crate of its own. */
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
	/* Nobody else knows the device yet. */
	list_splice_init(&dev->devres_head, &aux->aside);
	return 0;
}

/* AUX-PARENT: from now on the device's release gives up the reference. No driver is bound, or will be. */
static void lb_aux_leave_parent(struct lb_aux *aux)
{
	struct device *dev = &aux->adev.dev;
	unsigned long flags;

	spin_lock_irqsave(&dev->devres_lock, flags);
	list_splice_tail_init(&aux->aside, &dev->devres_head);
	spin_unlock_irqrestore(&dev->devres_lock, flags);
}

/* An initialised device with one reference, for lb_aux_put(); NULL without memory. */
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
	/* It fails without a parent or a name, and there are both. */
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

/* Gives up the reference of lb_aux_alloc(), of a device that was deleted or never added. */
void lb_aux_put(struct lb_aux *aux)
{
	lb_aux_leave_parent(aux);
	auxiliary_device_uninit(&aux->adev);
}

/*
 * The lb_aux around a device, if some module of this crate made it (AUX-MARKED). Of any other device nothing is read that it does not
 * have: its type, if it has one, and its type's name.
 */
const struct lb_aux *lb_aux_of(const struct auxiliary_device *adev)
{
	const struct lb_aux *aux = container_of(adev, struct lb_aux, adev);
	const struct device_type *type = adev->dev.type;

	if (type != &aux->type || type->name != aux->type_name || strcmp(type->name, lb_aux_mark))
		return NULL;
	return aux;
}

bool lb_aux_is_own(const struct lb_aux *aux)
{
	return aux->owner == &lb_aux_owner;
}
