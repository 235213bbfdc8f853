/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A model of an Arm Mali GPU for the driver tyr: see board.c.
 */
#ifndef TYR_MODEL_H
#define TYR_MODEL_H

#include <linux/types.h>

struct device;

/* What the driver's device is called, and so its supplies and clocks. */
#define DEVICE_NAME	"mali-valhall-csf"

/* board.c: records what happens, in order. It may be called in interrupts. */
void note(const char *what, u32 value);

/* board.c: parameters. */
extern int reset_ms;
extern int on_ms;
extern int off_ms;
extern unsigned int gpu_id;
extern unsigned int mmu_features;
extern bool watch_writes;
extern char gone[16];
extern char fail[16];
extern char fail_off[16];
bool is_named(const char *names, const char *name);

/* gpu.c: the registers. */
int gpu_start(void);
void gpu_end(void);
int gpu_irq(void);
int gpu_watch(void);
void gpu_unwatch(void);
void gpu_power(bool on);
void gpu_spurious(u32 events);

/* supplies.c: supplies and clocks; whether the GPU has what it needs to run. */
int supplies_start(struct device *dev, bool optional);
void supplies_end(void);
bool supplies_balanced(void);

#endif
