// SPDX-License-Identifier: GPL-2.0
/*
 * The C compiler's view of the structures that the crate touches. Compiled to assembly only; each line becomes an
 * assertion in Rust (scripts/build.mk), so that the build stops where bindgen and the C compiler disagree.
 */
#include <linux/kbuild.h>

#include "bindings.h"

#define SIZE(type)			DEFINE(size type, sizeof(struct type))
#define FIELD(type, field)		DEFINE(offset type field, offsetof(struct type, field))

int main(void)
{
	SIZE(device);
	FIELD(device, kobj);
	FIELD(device, driver);
	FIELD(device, bus);
	FIELD(device, driver_data);
	FIELD(device, parent);
	SIZE(device_driver);
	FIELD(device_driver, name);
	FIELD(device_driver, owner);
	FIELD(device_driver, of_match_table);
	FIELD(device_driver, acpi_match_table);
	FIELD(device_driver, probe_type);
	FIELD(device_driver, p);
	SIZE(bus_type);
	FIELD(bus_type, probe);
	SIZE(kernel_param);
	FIELD(kernel_param, ops);
	FIELD(kernel_param, perm);
	SIZE(kernel_param_ops);
	SIZE(lock_class_key);
	SIZE(module);
	SIZE(mutex);
	SIZE(spinlock);
	SIZE(completion);
	SIZE(wait_queue_head);
	SIZE(wait_queue_entry);
	SIZE(resource);
	FIELD(resource, start);
	FIELD(resource, name);
	FIELD(resource, flags);
	SIZE(pci_dev);
	FIELD(pci_dev, dev);
	FIELD(pci_dev, vendor);
	FIELD(pci_dev, device);
	FIELD(pci_dev, subsystem_vendor);
	FIELD(pci_dev, subsystem_device);
	FIELD(pci_dev, class);
	FIELD(pci_dev, revision);
	FIELD(pci_dev, hdr_type);
	FIELD(pci_dev, cfg_size);
	FIELD(pci_dev, resource);
	SIZE(pci_driver);
	FIELD(pci_driver, name);
	FIELD(pci_driver, id_table);
	FIELD(pci_driver, probe);
	FIELD(pci_driver, remove);
	FIELD(pci_driver, shutdown);
	FIELD(pci_driver, driver);
	SIZE(pci_device_id);
	FIELD(pci_device_id, driver_data);
	SIZE(fwnode_reference_args);
	FIELD(fwnode_reference_args, nargs);
	FIELD(fwnode_reference_args, args);
	SIZE(of_device_id);
	FIELD(of_device_id, compatible);
	SIZE(acpi_device_id);
	FIELD(acpi_device_id, cls);
	SIZE(platform_device);
	FIELD(platform_device, dev);
	SIZE(platform_driver);
	FIELD(platform_driver, driver);
	SIZE(auxiliary_device);
	FIELD(auxiliary_device, dev);
	SIZE(auxiliary_driver);
	FIELD(auxiliary_driver, driver);
	SIZE(usb_interface);
	FIELD(usb_interface, altsetting);
	FIELD(usb_interface, cur_altsetting);
	FIELD(usb_interface, num_altsetting);
	FIELD(usb_interface, dev);
	SIZE(usb_host_interface);
	FIELD(usb_host_interface, desc);
	FIELD(usb_host_interface, extralen);
	FIELD(usb_host_interface, extra);
	FIELD(usb_host_interface, endpoint);
	SIZE(usb_host_endpoint);
	FIELD(usb_host_endpoint, desc);
	SIZE(usb_host_config);
	FIELD(usb_host_config, desc);
	FIELD(usb_host_config, extra);
	FIELD(usb_host_config, extralen);
	SIZE(usb_device);
	FIELD(usb_device, speed);
	FIELD(usb_device, dev);
	FIELD(usb_device, descriptor);
	FIELD(usb_device, actconfig);
	SIZE(usb_device_descriptor);
	FIELD(usb_device_descriptor, idVendor);
	FIELD(usb_device_descriptor, bcdDevice);
	SIZE(usb_interface_descriptor);
	SIZE(usb_endpoint_descriptor);
	SIZE(usb_config_descriptor);
	SIZE(usb_driver);
	FIELD(usb_driver, name);
	FIELD(usb_driver, probe);
	FIELD(usb_driver, disconnect);
	FIELD(usb_driver, id_table);
	FIELD(usb_driver, driver);
	SIZE(usb_device_id);
	FIELD(usb_device_id, bInterfaceNumber);
	FIELD(usb_device_id, driver_info);
	SIZE(i2c_client);
	FIELD(i2c_client, flags);
	FIELD(i2c_client, addr);
	FIELD(i2c_client, name);
	FIELD(i2c_client, adapter);
	FIELD(i2c_client, dev);
	FIELD(i2c_client, irq);
	SIZE(i2c_driver);
	FIELD(i2c_driver, probe);
	FIELD(i2c_driver, remove);
	FIELD(i2c_driver, shutdown);
	FIELD(i2c_driver, driver);
	FIELD(i2c_driver, id_table);
	SIZE(i2c_adapter);
	FIELD(i2c_adapter, dev);
	FIELD(i2c_adapter, nr);
	SIZE(i2c_device_id);
	SIZE(i2c_board_info);
	FIELD(i2c_board_info, flags);
	FIELD(i2c_board_info, addr);
	SIZE(i2c_msg);
	FIELD(i2c_msg, addr);
	FIELD(i2c_msg, flags);
	FIELD(i2c_msg, len);
	FIELD(i2c_msg, buf);
	SIZE(file_operations);
	FIELD(file_operations, owner);
	FIELD(file_operations, read_iter);
	FIELD(file_operations, poll);
	FIELD(file_operations, unlocked_ioctl);
	FIELD(file_operations, compat_ioctl);
	FIELD(file_operations, open);
	FIELD(file_operations, release);
	SIZE(miscdevice);
	FIELD(miscdevice, fops);
	FIELD(miscdevice, parent);
	FIELD(miscdevice, this_device);
	FIELD(miscdevice, mode);
	SIZE(work_struct);
	SIZE(delayed_work);
	FIELD(delayed_work, work);
	SIZE(lb_timer);
	return 0;
}
