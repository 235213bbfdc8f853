# SPDX-License-Identifier: GPL-2.0
obj-m := drv.o build/
drv-y := drv_main.o drv_part.o shared/deep.o ../common/part.o
