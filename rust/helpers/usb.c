// SPDX-License-Identifier: GPL-2.0
#include <linux/string.h>
#include <linux/usb.h>

#include "helpers.h"

/*
 * Does what is_usb_interface() does. C declares neither the bus nor the type for modules. No other
 * bus or type has these names.
 */
bool lb_is_usb_interface(const struct device *dev)
{
	return dev->bus && !strcmp(dev->bus->name, "usb") && dev->type && dev->type->name &&
	       !strcmp(dev->type->name, "usb_interface");
}

int lb_usb_register_driver(struct usb_driver *drv, struct module *owner, const char *name)
{
	drv->name = name;
	return usb_register_driver(drv, owner, name);
}

struct usb_device *lb_interface_to_usbdev(struct usb_interface *intf)
{
	return interface_to_usbdev(intf);
}

unsigned int lb_usb_control_pipe(struct usb_device *udev, bool in)
{
	return in ? usb_rcvctrlpipe(udev, 0) : usb_sndctrlpipe(udev, 0);
}

unsigned int lb_usb_bulk_pipe(struct usb_device *udev, u8 address)
{
	unsigned int number = address & USB_ENDPOINT_NUMBER_MASK;

	return address & USB_DIR_IN ? usb_rcvbulkpipe(udev, number) : usb_sndbulkpipe(udev, number);
}
