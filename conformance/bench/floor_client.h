/* SPDX-License-Identifier: MIT
 * The floor of the SOCKET rows: sends a message and receives one with the fewest system calls that
 * the protocol allows (one send, then receives until the line is complete), without table, lock or
 * scan. Every library is measured against it in the same run. A descriptor belongs to one thread.
 */
#ifndef FREEVISA_BENCH_FLOOR_CLIENT_H
#define FREEVISA_BENCH_FLOOR_CLIENT_H

#include <stddef.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Connects to a numeric IPv4 host, with TCP_NODELAY on and receives and sends limited to
 * timeout_ms. Returns the descriptor, or -errno. */
int floor_open(const char* host, unsigned port, unsigned timeout_ms);

/* Sends all of the data. Returns its size, or -errno (-EAGAIN: the time is over). */
ssize_t floor_send(int fd, const void* data, size_t size);

/* Receives until the last byte that arrived is a line feed or the buffer is full. The server sends
 * one line at a time, so the data need not be searched. Returns the count, or -errno (-ECONNRESET
 * also if the peer closed). */
ssize_t floor_receive(int fd, void* buffer, size_t size);

void floor_close(int fd);

/* Median time of one `*IDN?` query in nanoseconds over `count` queries after `warm_up` unmeasured
 * ones, on a separate connection; for benchmarks that are not written in C. Negative: -errno. */
double floor_query_median_ns(const char* host, unsigned port, unsigned warm_up, unsigned count);

#ifdef __cplusplus
}
#endif
#endif
