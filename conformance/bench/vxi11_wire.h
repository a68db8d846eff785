/* SPDX-License-Identifier: MIT
 * What the floor client and the reference server of the VXI-11 rows send each other: only the parts
 * of ONC RPC and VXI-11 that the rows need. Each side has one thread. */
#ifndef FREEVISA_BENCH_VXI11_WIRE_H
#define FREEVISA_BENCH_VXI11_WIRE_H

#include <arpa/inet.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
  VXI_CALL_HEADER = 44,  /* mark and header of a call */
  VXI_REPLY_HEADER = 28, /* mark and header of a reply */
  VXI_MOST_PIECE = 1024 * 1024,
  VXI_CREATE_LINK = 10,
  VXI_WRITE = 11,
  VXI_READ = 12,
  VXI_DESTROY_LINK = 23,
  VXI_END = 8,
  VXI_REASON_COUNT = 1,
  VXI_REASON_END = 4
};

static inline void vxi_put(char* at, uint32_t value) {
  value = htonl(value);
  memcpy(at, &value, 4);
}

static inline uint32_t vxi_get(const char* at) {
  uint32_t value;
  memcpy(&value, at, 4);
  return ntohl(value);
}

static inline size_t vxi_padding(size_t size) {
  return (4 - size % 4) % 4;
}

#endif
