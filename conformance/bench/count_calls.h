/* SPDX-License-Identifier: MIT
 * The one function of libcount_calls.so that the benchmark looks up by name. Any thread. */
#ifndef FREEVISA_BENCH_COUNT_CALLS_H
#define FREEVISA_BENCH_COUNT_CALLS_H

/* Calls so far of the index-th counted function, and its name; -1 past the last one. */
long count_calls_of(unsigned index, const char** name);

#endif
