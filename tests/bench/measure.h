/* SPDX-License-Identifier: GPL-2.0 */
/* How the twins in C count; measure.rs is the same in Rust. */
#ifndef LIFEBOUND_MEASURE_H
#define LIFEBOUND_MEASURE_H

#include <linux/minmax.h>
#include <linux/printk.h>
#include <asm/msr.h>
#include <asm/tsc.h>

#define TRIES	12

/* The least number of instructions that a round takes, in tenths, less those of the loop itself. */
#define MEASURE(name, rounds, statement) do {				\
	u64 best = U64_MAX, start, empty = U64_MAX;			\
	unsigned int try, round;					\
									\
	for (try = 0; try < TRIES; try++) {				\
		start = rdtsc();					\
		for (round = 0; round < (rounds); round++)		\
			barrier();					\
		empty = min(empty, rdtsc() - start);			\
		start = rdtsc();					\
		for (round = 0; round < (rounds); round++) {		\
			statement;					\
			barrier();					\
		}							\
		best = min(best, rdtsc() - start);			\
	}								\
	pr_info("row %s %llu\n", name, (best - min(best, empty)) * 10 / (rounds)); \
} while (0)

#endif
