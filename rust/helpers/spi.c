// SPDX-License-Identifier: GPL-2.0
#include <linux/mutex.h>
#include <linux/spi/spi.h>

#include "helpers.h"

bool lb_is_spi_device(const struct device *dev)
{
	return dev->bus == &spi_bus_type;
}

int lb_spi_register_driver(struct spi_driver *drv, struct module *owner, const char *name)
{
	drv->driver.name = name;
	return __spi_register_driver(owner, drv);
}

void lb_spi_unregister_driver(struct spi_driver *drv)
{
	spi_unregister_driver(drv);
}

u8 lb_spi_get_chipselect(const struct spi_device *spi)
{
	return spi_get_chipselect(spi, 0);
}

/*
 * Takes the lock that spi_sync() holds. With spi_bus_lock(), other drivers' spi_async() would fail
 * meanwhile.
 */
void lb_spi_lock_bus(struct spi_device *spi)
{
	mutex_lock(&spi->controller->bus_lock_mutex);
}

void lb_spi_unlock_bus(struct spi_device *spi)
{
	mutex_unlock(&spi->controller->bus_lock_mutex);
}

/* A bit of `flags` says whether the controller is suspended, so `flags` may change. */
void lb_spi_get_limits(struct spi_device *spi, struct lb_spi_limits *limits)
{
	const struct spi_controller *ctlr = spi->controller;

	limits->max_transfer_size = spi_max_transfer_size(spi);
	limits->max_message_size = spi_max_message_size(spi);
	limits->mode_bits = ctlr->mode_bits;
	limits->bits_per_word_mask = ctlr->bits_per_word_mask;
	limits->min_speed_hz = ctlr->min_speed_hz;
	limits->max_speed_hz = ctlr->max_speed_hz;
	limits->flags = READ_ONCE(ctlr->flags);
}

int lb_spi_sync_transfer(struct spi_device *spi, struct spi_transfer *xfers, unsigned int num_xfers)
{
	return spi_sync_transfer(spi, xfers, num_xfers);
}
