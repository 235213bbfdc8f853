/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included first in a driver's C file that defines CREATE_RUST_TRACE_POINTS (scripts/cc-module).
 * Kernels before 6.13 have no DEFINE_RUST_DO_TRACE(): there each tracepoint that the file defines
 * gets the function that declare_trace! calls.
 */
#include <linux/tracepoint.h>

#ifndef DEFINE_RUST_DO_TRACE
#define DEFINE_RUST_DO_TRACE(name, proto, args)

#undef DEFINE_TRACE
#define DEFINE_TRACE(name, proto, args)						\
	DEFINE_TRACE_FN(name, NULL, NULL, PARAMS(proto), PARAMS(args))		\
	extern void rust_do_trace_##name(proto);				\
	notrace void rust_do_trace_##name(proto)				\
	{									\
		trace_##name(args);						\
	}
#endif
