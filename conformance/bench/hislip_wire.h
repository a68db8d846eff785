/* SPDX-License-Identifier: MIT
 * What the floor client and the reference server of the HiSLIP rows send each other: only the parts
 * of IVI-6.1 that the rows need. Each side has one thread. */
#ifndef FREEVISA_BENCH_HISLIP_WIRE_H
#define FREEVISA_BENCH_HISLIP_WIRE_H

#include <arpa/inet.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
  HS_HEADER = 16,
  HS_INITIALIZE = 0,
  HS_INITIALIZE_RESPONSE = 1,
  HS_DATA = 6,
  HS_DATA_END = 7,
  HS_DEVICE_CLEAR_COMPLETE = 8,
  HS_DEVICE_CLEAR_ACKNOWLEDGE = 9,
  HS_ASYNC_MAXIMUM_MESSAGE_SIZE = 15,
  HS_ASYNC_MAXIMUM_MESSAGE_SIZE_RESPONSE = 16,
  HS_ASYNC_INITIALIZE = 17,
  HS_ASYNC_INITIALIZE_RESPONSE = 18,
  HS_ASYNC_DEVICE_CLEAR = 19,
  HS_ASYNC_STATUS_QUERY = 21,
  HS_ASYNC_STATUS_RESPONSE = 22,
  HS_ASYNC_DEVICE_CLEAR_ACKNOWLEDGE = 23,
  HS_START_TLS = 28,
  HS_ASYNC_START_TLS = 29,
  HS_ASYNC_START_TLS_RESPONSE = 30,
  HS_GET_MECHANISMS = 34,
  HS_MECHANISMS = 35,
  HS_AUTHENTICATION_START = 36,
  HS_AUTHENTICATION_EXCHANGE = 37,
  HS_AUTHENTICATION_RESULT = 38
};

#define HS_FIRST_ID 0xFFFFFF00u

struct hs_header {
  int type;
  int control;
  uint32_t parameter;
  unsigned long long length;
};

static inline void hs_put_size(char* at, unsigned long long value) {
  const uint32_t words[2] = {htonl((uint32_t)(value >> 32)), htonl((uint32_t)value)};
  memcpy(at, words, 8);
}

static inline unsigned long long hs_get_size(const char* at) {
  uint32_t words[2];
  memcpy(words, at, 8);
  return (unsigned long long)ntohl(words[0]) << 32 | ntohl(words[1]);
}

static inline void hs_put(char* at, int type, int control, uint32_t parameter,
                          unsigned long long length) {
  parameter = htonl(parameter);
  at[0] = 'H';
  at[1] = 'S';
  at[2] = (char)type;
  at[3] = (char)control;
  memcpy(at + 4, &parameter, 4);
  hs_put_size(at + 8, length);
}

/* Returns 0, or -1 if these are no bytes of a header. */
static inline int hs_get(const char* at, struct hs_header* header) {
  uint32_t parameter;
  if (at[0] != 'H' || at[1] != 'S') return -1;
  memcpy(&parameter, at + 4, 4);
  header->type = (unsigned char)at[2];
  header->control = (unsigned char)at[3];
  header->parameter = ntohl(parameter);
  header->length = hs_get_size(at + 8);
  return 0;
}

#endif
