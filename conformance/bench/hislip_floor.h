/* SPDX-License-Identifier: MIT
 * The HiSLIP floor client: the fewest system calls that the protocol allows. It does not speak of
 * message sizes, so what it writes goes whole. One session in synchronized mode, one thread. */
#ifndef FREEVISA_BENCH_HISLIP_FLOOR_H
#define FREEVISA_BENCH_HISLIP_FLOOR_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct hislip_floor {
  int sync;
  int async;
  unsigned id;        /* of the last message */
  unsigned delivered; /* an answer has been read since the last message */
};

/* Each returns 0, a count or the status byte, or a negative errno. */
int hislip_floor_open(struct hislip_floor* link, unsigned port, unsigned timeout_ms);
ssize_t hislip_floor_write(struct hislip_floor* link, const void* data, size_t size);
ssize_t hislip_floor_read(struct hislip_floor* link, void* data, size_t size);
int hislip_floor_status(struct hislip_floor* link);
void hislip_floor_close(struct hislip_floor* link);

#ifdef __cplusplus
}
#endif

#endif
