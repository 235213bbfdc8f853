// SPDX-License-Identifier: GPL-2.0
#include <linux/acpi.h>
#include <linux/of_device.h>

#include "helpers.h"

#ifdef CONFIG_ACPI
static const struct acpi_device_id lb_prp0001[] = {
	{ .id = "PRP0001" },
	{ },
};

static bool lb_id_is(const struct of_device_id *id, const union acpi_object *obj)
{
	return !strcasecmp(obj->string.pointer, id->compatible);
}

/* The core has checked that the object is a string, or a package of strings. */
static const struct of_device_id *lb_compatible_match(const struct of_device_id *ids,
						      const union acpi_object *compatible)
{
	const union acpi_object *obj = compatible;
	const struct of_device_id *id;
	u32 i, count = 1;

	if (compatible->type == ACPI_TYPE_PACKAGE) {
		obj = compatible->package.elements;
		count = compatible->package.count;
	}
	for (i = 0; i < count; i++)
		for (id = ids; id->compatible[0]; id++)
			if (lb_id_is(id, &obj[i]))
				return id;
	return NULL;
}
#endif

/*
 * Returns the entry of ids by which acpi_driver_match_device() matches the device, or NULL.
 * `acpi_ids` says whether the driver has a table of ACPI ids as well. In C only
 * device_get_match_data() tells which entry matched, and it does not do so for a driver with both
 * tables.
 */
static const struct of_device_id *lb_of_match_acpi(const struct of_device_id *ids, bool acpi_ids,
						   const struct device *dev)
{
#ifdef CONFIG_ACPI
	struct acpi_device *adev = ACPI_COMPANION(dev);

	if (!adev || !adev->data.of_compatible)
		return NULL;
	if (acpi_ids && !acpi_match_device(lb_prp0001, dev))
		return NULL;
	return lb_compatible_match(ids, adev->data.of_compatible);
#else
	return NULL;
#endif
}

const struct of_device_id *lb_of_match_device(const struct of_device_id *ids, bool acpi_ids,
					      const struct device *dev)
{
	const struct of_device_id *id = of_match_device(ids, dev);

	return id ?: lb_of_match_acpi(ids, acpi_ids, dev);
}

const struct acpi_device_id *lb_acpi_match_device(const struct acpi_device_id *ids, const struct device *dev)
{
	return acpi_match_device(ids, dev);
}
