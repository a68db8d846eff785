/* SPDX-License-Identifier: MIT
 * What the floor clients and the reference servers of the message wires have in common: whole sends
 * and receives on a connected socket. Any thread. */
#ifndef FREEVISA_BENCH_FLOOR_IO_H
#define FREEVISA_BENCH_FLOOR_IO_H

#include <stddef.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Each returns 0 or a negative errno. */

/* Sends all parts, which it changes; one call where the system takes everything at once. */
int floor_send_parts(int fd, struct iovec* parts, int count);
int floor_receive_all(int fd, char* into, size_t size);

/* Waits for the first bytes and takes what is there, into one part after the other. Returns the
 * count, at least 1, or a negative errno. */
long floor_receive_some(int fd, struct iovec* parts, int count);

/* A connection to the loopback port, with TCP_NODELAY and a time limit for each transfer. Returns
 * the descriptor or a negative errno. */
int floor_connect(unsigned port, unsigned timeout_ms);

#ifdef __cplusplus
}
#endif

#endif
