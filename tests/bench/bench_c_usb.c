// SPDX-License-Identifier: GPL-2.0
/* The twin of bench_rust_usb.rs: a control message to QEMU's usb-storage. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/usb.h>

#include "measure.h"

static int get_status(struct usb_device *udev, u16 *status)
{
	__le16 *answer = kmalloc(sizeof(*answer), GFP_KERNEL);
	int count;

	if (!answer)
		return -ENOMEM;
	count = usb_control_msg(udev, usb_rcvctrlpipe(udev, 0), USB_REQ_GET_STATUS,
				USB_DIR_IN | USB_TYPE_STANDARD | USB_RECIP_DEVICE, 0, 0, answer, sizeof(*answer), 1000);
	*status = le16_to_cpu(*answer);
	kfree(answer);
	return count;
}

static int bench_probe(struct usb_interface *intf, const struct usb_device_id *id)
{
	struct usb_device *udev = interface_to_usbdev(intf);
	int count = 0;
	u16 status;

	MEASURE("usb_control", 10, {
		count = get_status(udev, &status);
		if (count != sizeof(status))
			break;
	});
	return count == sizeof(status) ? 0 : -EIO;
}

static void bench_disconnect(struct usb_interface *intf)
{
}

static const struct usb_device_id table[] = {
	{ USB_INTERFACE_INFO(USB_CLASS_MASS_STORAGE, 0x06, 0x50) },
	{ }
};
MODULE_DEVICE_TABLE(usb, table);

static struct usb_driver bench_driver = {
	.name = "bench_c_usb",
	.id_table = table,
	.probe = bench_probe,
	.disconnect = bench_disconnect,
};
module_usb_driver(bench_driver);

MODULE_DESCRIPTION("What make bench does on USB, in C");
MODULE_LICENSE("GPL");
