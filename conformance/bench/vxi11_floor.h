/* SPDX-License-Identifier: MIT
 * The VXI-11 floor client: the fewest system calls that the protocol allows. One link, one
 * thread. */
#ifndef FREEVISA_BENCH_VXI11_FLOOR_H
#define FREEVISA_BENCH_VXI11_FLOOR_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vxi11_floor {
  int fd;
  unsigned link;
  unsigned xid;
  size_t piece;
};

/* Each returns 0 or a count, or a negative errno. `port` is the portmapper's. */
int vxi11_floor_open(struct vxi11_floor* link, unsigned port, unsigned timeout_ms);
ssize_t vxi11_floor_write(struct vxi11_floor* link, const void* data, size_t size);
ssize_t vxi11_floor_read(struct vxi11_floor* link, void* data, size_t size);
void vxi11_floor_close(struct vxi11_floor* link);

#ifdef __cplusplus
}
#endif

#endif
