// SPDX-License-Identifier: GPL-2.0
/*
 * A model of two serial ports with a thermometer at each. A thermometer answers each "T" with its
 * temperature, "21.5\n", if the port has the thermometer's speed, 9600 bits per second. It answers
 * nothing else. The ports are those of thermometer.asl. A port takes at most four bytes at once. It
 * reports what a serial port may rely on and does not find:
 *
 *	calls while it is closed, a second `open`, a receiver that takes more than there is.
 *
 * A command to the parameter "line" says what happens on a line:
 *
 *	say N TEXT	the thermometer at port N sends TEXT and a newline
 *	stall N		port N takes no more bytes
 *	flow N		port N takes bytes again
 */
#include <linux/acpi.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/serdev.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#define PORTS	2
#define AT_ONCE	4

struct port {
	struct serdev_controller *ctrl;
	struct work_struct receive;
	struct work_struct wakeup;
	spinlock_t lock;
	bool open;
	bool stalled;
	unsigned int speed;
	unsigned int count;	/* bytes that the device has sent and the driver has not taken */
	u8 bytes[128];
};

/* Protects `ports`, and keeps the port of a command. */
static DEFINE_MUTEX(ports_lock);
static struct port *ports[PORTS];

static struct port *port_of(struct serdev_controller *ctrl)
{
	return *(struct port **)serdev_controller_get_drvdata(ctrl);
}

static void check_open(struct port *port, const char *what)
{
	if (!port->open)
		dev_err(&port->ctrl->dev, "MISUSED: %s while closed\n", what);
}

/* Says that there is room for more. */
static void wakeup(struct work_struct *work)
{
	struct port *port = container_of(work, struct port, wakeup);

	if (!port->stalled)
		serdev_controller_write_wakeup(port->ctrl);
}

/* Hands over what the device has sent. */
static void receive(struct work_struct *work)
{
	struct port *port = container_of(work, struct port, receive);
	size_t taken, count;
	u8 bytes[128];

	spin_lock(&port->lock);
	count = port->count;
	memcpy(bytes, port->bytes, count);
	spin_unlock(&port->lock);
	if (count) {
		taken = serdev_controller_receive_buf(port->ctrl, bytes, count);
		if (taken > count) {
			dev_err(&port->ctrl->dev, "MISUSED: %zu of %zu bytes taken\n", taken, count);
			taken = count;
		}
		spin_lock(&port->lock);
		port->count -= taken;
		memmove(port->bytes, port->bytes + taken, port->count);
		spin_unlock(&port->lock);
	}
}

static void send(struct port *port, const char *text)
{
	size_t length = strlen(text);

	spin_lock(&port->lock);
	if (port->count + length <= sizeof(port->bytes)) {
		memcpy(port->bytes + port->count, text, length);
		port->count += length;
	}
	spin_unlock(&port->lock);
	schedule_work(&port->receive);
}

static int port_open(struct serdev_controller *ctrl)
{
	struct port *port = port_of(ctrl);

	if (port->open)
		dev_err(&ctrl->dev, "MISUSED: opened twice\n");
	port->open = true;
	port->stalled = false;
	port->speed = 115200;
	port->count = 0;
	return 0;
}

static void port_close(struct serdev_controller *ctrl)
{
	struct port *port = port_of(ctrl);

	check_open(port, "close");
	port->open = false;
	cancel_work_sync(&port->receive);
	cancel_work_sync(&port->wakeup);
}

static ssize_t port_write(struct serdev_controller *ctrl, const u8 *data, size_t length)
{
	struct port *port = port_of(ctrl);
	size_t i;

	check_open(port, "write");
	if (port->stalled)
		return 0;
	length = min_t(size_t, length, AT_ONCE);
	for (i = 0; i < length; i++)
		if (data[i] == 'T' && port->speed == 9600)
			send(port, "21.5\n");
	schedule_work(&port->wakeup);
	return length;
}

static void port_flush(struct serdev_controller *ctrl)
{
	check_open(port_of(ctrl), "flush");
}

static unsigned int port_speed(struct serdev_controller *ctrl, unsigned int speed)
{
	struct port *port = port_of(ctrl);

	check_open(port, "speed");
	port->speed = min(speed, 115200u);
	return port->speed;
}

static void port_flow_control(struct serdev_controller *ctrl, bool enable)
{
	check_open(port_of(ctrl), "flow control");
}

static int port_parity(struct serdev_controller *ctrl, enum serdev_parity parity)
{
	check_open(port_of(ctrl), "parity");
	return parity == SERDEV_PARITY_ODD ? -EINVAL : 0;
}

static void port_wait(struct serdev_controller *ctrl, long timeout)
{
	check_open(port_of(ctrl), "wait");
}

static const struct serdev_controller_ops ops = {
	.open = port_open,
	.close = port_close,
	.write_buf = port_write,
	.write_flush = port_flush,
	.set_baudrate = port_speed,
	.set_flow_control = port_flow_control,
	.set_parity = port_parity,
	.wait_until_sent = port_wait,
};

static u64 uid_of(struct platform_device *pdev)
{
	u64 uid = PORTS;

	acpi_dev_uid_to_integer(ACPI_COMPANION(&pdev->dev), &uid);
	return uid;
}

static int probe(struct platform_device *pdev)
{
	u64 uid = uid_of(pdev);
	struct port *port;
	int err;

	if (uid >= PORTS)
		return -ENODEV;
	port = devm_kzalloc(&pdev->dev, sizeof(*port), GFP_KERNEL);
	if (!port)
		return -ENOMEM;
	spin_lock_init(&port->lock);
	INIT_WORK(&port->receive, receive);
	INIT_WORK(&port->wakeup, wakeup);
	port->ctrl = serdev_controller_alloc(&pdev->dev, &pdev->dev, sizeof(port));
	if (!port->ctrl)
		return -ENOMEM;
	*(struct port **)serdev_controller_get_drvdata(port->ctrl) = port;
	port->ctrl->ops = &ops;
	platform_set_drvdata(pdev, port);
	err = serdev_controller_add(port->ctrl);
	if (err) {
		serdev_controller_put(port->ctrl);
		return err;
	}
	mutex_lock(&ports_lock);
	ports[uid] = port;
	mutex_unlock(&ports_lock);
	return 0;
}

static void remove(struct platform_device *pdev)
{
	struct port *port = platform_get_drvdata(pdev);
	struct acpi_device *adev = ACPI_COMPANION(&port->ctrl->serdev->dev);

	mutex_lock(&ports_lock);
	ports[uid_of(pdev)] = NULL;
	mutex_unlock(&ports_lock);
	serdev_controller_remove(port->ctrl);
	serdev_controller_put(port->ctrl);
	/* The core does not do this, and would not find the thermometer again. */
	acpi_device_clear_enumerated(adev);
}

static const struct acpi_device_id ids[] = {
	{ "LIFE0010" },
	{ }
};
MODULE_DEVICE_TABLE(acpi, ids);

static struct platform_driver ports_driver = {
	.driver = { .name = "serdev_model", .acpi_match_table = ids },
	.probe = probe,
	.remove = remove,
};

static int line_set(const char *text, const struct kernel_param *kp)
{
	char what[8], said[64] = "";
	struct port *port;
	unsigned int i;
	int err = 0;

	if (sscanf(text, "%7s %u %62[^\n]", what, &i, said) < 2 || i >= PORTS)
		return -EINVAL;
	mutex_lock(&ports_lock);
	port = ports[i];
	if (!port)
		err = -ENODEV;
	else if (!strcmp(what, "say"))
		send(port, strcat(said, "\n"));
	else if (!strcmp(what, "stall"))
		port->stalled = true;
	else if (!strcmp(what, "flow")) {
		port->stalled = false;
		schedule_work(&port->wakeup);
	} else
		err = -EINVAL;
	mutex_unlock(&ports_lock);
	return err;
}

static const struct kernel_param_ops line_ops = {
	.set = line_set,
};

module_param_cb(line, &line_ops, NULL, 0200);

module_platform_driver(ports_driver);
MODULE_DESCRIPTION("Two serial ports with thermometers");
MODULE_LICENSE("GPL");
