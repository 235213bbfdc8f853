// SPDX-License-Identifier: GPL-2.0
/*
 * Software nodes with properties of each type, references and children, and two platform devices
 * that have them. One device has this node alone. The other device (LIFE0005:00) has a node of ACPI
 * as well.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/property.h>
#include <linux/version.h>

/* The target of a reference: a node that is not registered. */
#define UNREGISTERED (LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0) ? -ENOENT : -ENOTCONN)

static const u8 bytes[] = { 1, 2, 250 };
static const u16 words[] = { 1, 0x1234, 0xffff };
static const u32 longs[] = { 1, 0x12345678 };
static const u64 quads[] = { 0x1122334455667788, 2 };
static const char * const strings[] = { "one", "two" };

static const struct property_entry target_properties[] = {
	PROPERTY_ENTRY_U32("#lb-cells", 2),
	PROPERTY_ENTRY_U32("#lb-many-cells", 17),
	PROPERTY_ENTRY_STRING("label", "target"),
	{ }
};

static const struct software_node target = { .name = "lb-target", .properties = target_properties };
static const struct software_node other = { .name = "lb-other" };
static const struct software_node unregistered = { .name = "lb-unregistered" };

static const struct software_node_ref_args targets[] = {
	SOFTWARE_NODE_REFERENCE(&target, 7, 8, 9),
	SOFTWARE_NODE_REFERENCE(&other),
	SOFTWARE_NODE_REFERENCE(&unregistered, 1),
};

static const struct property_entry root_properties[] = {
	PROPERTY_ENTRY_U8("byte", 0xff),
	PROPERTY_ENTRY_U16("word", 0xffff),
	PROPERTY_ENTRY_U32("long", 0x12345678),
	PROPERTY_ENTRY_U64("quad", 0xffffffffffffff00),
	PROPERTY_ENTRY_U8_ARRAY("bytes", bytes),
	PROPERTY_ENTRY_U16_ARRAY("words", words),
	PROPERTY_ENTRY_U32_ARRAY("longs", longs),
	PROPERTY_ENTRY_U64_ARRAY("quads", quads),
	PROPERTY_ENTRY_STRING("string", "hello"),
	PROPERTY_ENTRY_STRING("empty", ""),
	PROPERTY_ENTRY_STRING("null", NULL),
	PROPERTY_ENTRY_STRING_ARRAY("strings", strings),
	PROPERTY_ENTRY_BOOL("flag"),
	PROPERTY_ENTRY_REF("target", &target, 7, 8),
	PROPERTY_ENTRY_REF_ARRAY("targets", targets),
	PROPERTY_ENTRY_U32("unregistered", UNREGISTERED),
	{ }
};

static const struct software_node root = { .name = "lb-root", .properties = root_properties };

static const struct property_entry child_properties[][2] = {
	{ PROPERTY_ENTRY_U32("reg", 1) }, { PROPERTY_ENTRY_U32("reg", 2) }, { PROPERTY_ENTRY_U32("reg", 3) },
};

static const struct software_node children[] = {
	{ .name = "lb-child1", .parent = &root, .properties = child_properties[0] },
	{ .name = "lb-child2", .parent = &root, .properties = child_properties[1] },
	{ .name = "lb-child3", .parent = &root, .properties = child_properties[2] },
};

static const struct software_node grandchild = { .name = "lb-grandchild", .parent = &children[1] };

static const struct software_node *group[] = {
	&target, &other, &root, &children[0], &children[1], &children[2], &grandchild, NULL
};

static const struct property_entry second_properties[] = {
	PROPERTY_ENTRY_U64("quad", 1),
	PROPERTY_ENTRY_STRING("label", "second"),
	PROPERTY_ENTRY_STRING("both", "second"),
	{ }
};

static const struct software_node second = { .name = "lb-second", .properties = second_properties };

static struct platform_device *pdev;
static struct device *with_acpi;

static int __init start(void)
{
	struct platform_device_info info = { .name = "lb-nodes", .id = PLATFORM_DEVID_NONE };
	int err;

	err = software_node_register_node_group(group);
	if (err)
		return err;
	with_acpi = bus_find_device_by_name(&platform_bus_type, NULL, "LIFE0005:00");
	err = with_acpi ? device_add_software_node(with_acpi, &second) : -ENODEV;
	if (err)
		goto unregister;
	info.fwnode = software_node_fwnode(&root);
	pdev = platform_device_register_full(&info);
	if (!IS_ERR(pdev)) {
		/*
		 * In Linux 7 a device waits for the devices of the nodes that it refers to. These
		 * nodes have no devices.
		 */
		fw_devlink_purge_absent_suppliers(software_node_fwnode(&target));
		fw_devlink_purge_absent_suppliers(software_node_fwnode(&other));
		return 0;
	}
	err = PTR_ERR(pdev);
	device_remove_software_node(with_acpi);
unregister:
	put_device(with_acpi);
	software_node_unregister_node_group(group);
	return err;
}

static void __exit end(void)
{
	platform_device_unregister(pdev);
	device_remove_software_node(with_acpi);
	put_device(with_acpi);
	software_node_unregister_node_group(group);
}

module_init(start);
module_exit(end);
MODULE_DESCRIPTION("Software nodes, and devices that have them");
MODULE_LICENSE("GPL");
