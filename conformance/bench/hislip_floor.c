/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "conformance/bench/hislip_floor.h"

#include <errno.h>
#include <unistd.h>

#include "conformance/bench/floor_io.h"
#include "conformance/bench/hislip_wire.h"

/* The first receive of an answer asks for this much, before the length is known; a receive into
 * more memory than arrives costs the kernel nothing. */
enum { kFirst = 256 * 1024 };

/* Sends a header with a payload of at most 16 bytes and receives the header of the answer. */
static int exchange(int fd, int type, int control, uint32_t parameter, const char* payload,
                    int answer, struct hs_header* header) {
  char bytes[HS_HEADER + 16];
  const size_t size = strlen(payload);
  struct iovec part;
  int error;
  hs_put(bytes, type, control, parameter, size);
  memcpy(bytes + HS_HEADER, payload, size);
  part.iov_base = bytes;
  part.iov_len = HS_HEADER + size;
  error = floor_send_parts(fd, &part, 1);
  if (error == 0) error = floor_receive_all(fd, bytes, HS_HEADER);
  if (error != 0) return error;
  if (hs_get(bytes, header) != 0 || header->type != answer || header->length != 0) return -EPROTO;
  return 0;
}

int hislip_floor_open(struct hislip_floor* link, unsigned port, unsigned timeout_ms) {
  struct hs_header answer;
  int error;
  link->id = HS_FIRST_ID - 2;
  link->delivered = 0;
  link->sync = floor_connect(port, timeout_ms);
  if (link->sync < 0) return link->sync;
  error = exchange(link->sync, HS_INITIALIZE, 0, 0x01000000u | 'F' << 8 | 'V', "hislip0",
                   HS_INITIALIZE_RESPONSE, &answer);
  if (error != 0) return error;
  link->async = floor_connect(port, timeout_ms);
  if (link->async < 0) return link->async;
  return exchange(link->async, HS_ASYNC_INITIALIZE, 0, answer.parameter & 0xFFFF, "",
                  HS_ASYNC_INITIALIZE_RESPONSE, &answer);
}

ssize_t hislip_floor_write(struct hislip_floor* link, const void* data, size_t size) {
  char header[HS_HEADER];
  struct iovec parts[2];
  int error;
  link->id += 2;
  hs_put(header, HS_DATA_END, (int)link->delivered, link->id, size);
  link->delivered = 0;
  parts[0].iov_base = header;
  parts[0].iov_len = sizeof header;
  parts[1].iov_base = (char*)(size_t)data;
  parts[1].iov_len = size;
  error = floor_send_parts(link->sync, parts, 2);
  return error != 0 ? error : (ssize_t)size;
}

/* Receives the rest of a payload and the header that comes after it. */
static int receive_through(int fd, char* payload, size_t size, char* header) {
  size_t got = 0;
  while (got < size + HS_HEADER) {
    const size_t in_header = got > size ? got - size : 0;
    struct iovec parts[2];
    long n;
    parts[0].iov_base = payload + got;
    parts[0].iov_len = got < size ? size - got : 0;
    parts[1].iov_base = header + in_header;
    parts[1].iov_len = HS_HEADER - in_header;
    n = floor_receive_some(fd, parts, 2);
    if (n < 0) return (int)n;
    got += (size_t)n;
  }
  return 0;
}

ssize_t hislip_floor_read(struct hislip_floor* link, void* data, size_t size) {
  char bytes[HS_HEADER];
  char* at = data;
  struct hs_header header;
  struct iovec parts[2];
  long got;
  int error = 0;
  parts[0].iov_base = bytes;
  parts[0].iov_len = sizeof bytes;
  parts[1].iov_base = data;
  parts[1].iov_len = size < kFirst ? size : kFirst;
  got = floor_receive_some(link->sync, parts, 2);
  if (got < 0) return got;
  if (got < HS_HEADER) {
    error = floor_receive_all(link->sync, bytes + got, (size_t)(HS_HEADER - got));
    got = HS_HEADER;
  }
  for (got -= HS_HEADER; error == 0; got = 0) {
    if (hs_get(bytes, &header) != 0 || header.parameter != link->id || header.length > size ||
        (unsigned long)got > header.length) {
      return -EPROTO;
    }
    size -= (size_t)header.length;
    if (header.type != HS_DATA) break;
    error = receive_through(link->sync, at + got, (size_t)header.length - (size_t)got, bytes);
    at += header.length;
  }
  if (error != 0) return error;
  if (header.type != HS_DATA_END) return -EPROTO;
  error = floor_receive_all(link->sync, at + got, (size_t)header.length - (size_t)got);
  at += header.length;
  link->delivered = 1;
  return error != 0 ? error : at - (char*)data;
}

int hislip_floor_status(struct hislip_floor* link) {
  struct hs_header answer;
  const int error = exchange(link->async, HS_ASYNC_STATUS_QUERY, (int)link->delivered, link->id, "",
                             HS_ASYNC_STATUS_RESPONSE, &answer);
  link->delivered = 0;
  return error != 0 ? error : answer.control;
}

void hislip_floor_close(struct hislip_floor* link) {
  close(link->sync);
  close(link->async);
  link->sync = -1;
  link->async = -1;
}
