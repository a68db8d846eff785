/* SPDX-License-Identifier: MIT
 * The serial floor client: a tty in raw mode whose timeout is the kernel's (VTIME), so a query is
 * one write and the reads that its answer takes. One thread. */
#ifndef FREEVISA_BENCH_SERIAL_FLOOR_H
#define FREEVISA_BENCH_SERIAL_FLOOR_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct serial_floor {
  int tty;
};

/* `port` is the number of a pseudo-terminal. Each returns 0, a count, or a negative errno. */
int serial_floor_open(struct serial_floor* link, unsigned port, unsigned timeout_ms);
ssize_t serial_floor_write(struct serial_floor* link, const void* data, size_t size);
/* Reads up to a line feed. */
ssize_t serial_floor_read(struct serial_floor* link, void* data, size_t size);
void serial_floor_close(struct serial_floor* link);

#ifdef __cplusplus
}
#endif

#endif
