// SPDX-License-Identifier: GPL-2.0
#include "helpers.h"

int lb_request_firmware(const struct firmware **fw, const char *name, struct device *dev, bool warns)
{
	return warns ? request_firmware(fw, name, dev) : firmware_request_nowarn(fw, name, dev);
}

/* What is read is in the buffer, so that nothing of C's is needed any more. */
int lb_request_firmware_into_buf(const char *name, struct device *dev, void *buf, size_t size)
{
	const struct firmware *fw;
	int ret = request_firmware_into_buf(&fw, name, dev, buf, size);

	if (!ret)
		release_firmware(fw);
	return ret;
}

void lb_release_firmware(const struct firmware *fw)
{
	release_firmware(fw);
}
