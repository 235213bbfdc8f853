// SPDX-License-Identifier: GPL-2.0
#include <linux/usb.h>

#include "helpers.h"

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
