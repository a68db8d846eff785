/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "conformance/bench/vxi11_floor.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "conformance/bench/floor_io.h"
#include "conformance/bench/vxi11_wire.h"

static const unsigned kIoTimeout = 5000;

static size_t put_call(char* call, uint32_t xid, uint32_t program, uint32_t procedure) {
  static const int kZeros = 4; /* credentials and verifier */
  int i;
  vxi_put(call + 4, xid);
  vxi_put(call + 8, 0);
  vxi_put(call + 12, 2);
  vxi_put(call + 16, program);
  vxi_put(call + 20, program == 100000 ? 2 : 1);
  vxi_put(call + 24, procedure);
  for (i = 0; i < kZeros; ++i) vxi_put(call + 28 + 4 * i, 0);
  return VXI_CALL_HEADER;
}

/* Sends the `size` bytes of a call and receives its reply with `results` words. */
static int exchange(struct vxi11_floor* link, char* call, size_t size, char* reply,
                    size_t results) {
  struct iovec part;
  int error;
  vxi_put(call, 0x80000000u | (uint32_t)(size - 4));
  part.iov_base = call;
  part.iov_len = size;
  error = floor_send_parts(link->fd, &part, 1);
  if (error == 0) error = floor_receive_all(link->fd, reply, VXI_REPLY_HEADER + 4 * results);
  if (error == 0 && vxi_get(reply + 4) != link->xid) error = -EPROTO;
  return error != 0 ? error : -(int)vxi_get(reply + VXI_REPLY_HEADER);
}

/* The port of the core channel, by the portmapper at `port`; or a negative errno. */
static int get_port(unsigned port, unsigned timeout_ms) {
  char call[VXI_CALL_HEADER + 16];
  char reply[64];
  struct sockaddr_in address;
  struct timeval limit;
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ssize_t got;
  size_t at = put_call(call, 1, 100000, 3);
  limit.tv_sec = timeout_ms / 1000;
  limit.tv_usec = (timeout_ms % 1000) * 1000;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons((unsigned short)port);
  vxi_put(call + at, 0x0607AF);
  vxi_put(call + at + 4, 1);
  vxi_put(call + at + 8, 6);
  vxi_put(call + at + 12, 0);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sendto(fd, call + 4, sizeof call - 4, 0, (const struct sockaddr*)&address, sizeof address);
  got = recv(fd, reply, sizeof reply, 0);
  close(fd);
  return got == 28 ? (int)vxi_get(reply + 24) : -EPROTO;
}

int vxi11_floor_open(struct vxi11_floor* link, unsigned port, unsigned timeout_ms) {
  char call[VXI_CALL_HEADER + 24];
  char reply[VXI_REPLY_HEADER + 16];
  const int core = get_port(port, timeout_ms);
  size_t at;
  int error;
  if (core < 0) return core;
  link->fd = floor_connect((unsigned)core, timeout_ms);
  if (link->fd < 0) return link->fd;
  link->xid = 1;
  at = put_call(call, link->xid, 0x0607AF, VXI_CREATE_LINK);
  vxi_put(call + at, 1);
  vxi_put(call + at + 4, 0);
  vxi_put(call + at + 8, 0);
  vxi_put(call + at + 12, 5);
  memcpy(call + at + 16, "inst0\0\0\0", 8);
  error = exchange(link, call, sizeof call, reply, 4);
  link->link = vxi_get(reply + VXI_REPLY_HEADER + 4);
  link->piece = vxi_get(reply + VXI_REPLY_HEADER + 12);
  return error;
}

ssize_t vxi11_floor_write(struct vxi11_floor* link, const void* data, size_t size) {
  static const char kPadding[4];
  size_t done = 0;
  while (done < size) {
    char call[VXI_CALL_HEADER + 20];
    char reply[VXI_REPLY_HEADER + 8];
    const size_t piece = size - done < link->piece ? size - done : link->piece;
    const size_t padding = vxi_padding(piece);
    const size_t at = put_call(call, ++link->xid, 0x0607AF, VXI_WRITE);
    struct iovec parts[3];
    int error;
    vxi_put(call, 0x80000000u | (uint32_t)(sizeof call - 4 + piece + padding));
    vxi_put(call + at, link->link);
    vxi_put(call + at + 4, kIoTimeout);
    vxi_put(call + at + 8, 0);
    vxi_put(call + at + 12, done + piece == size ? VXI_END : 0);
    vxi_put(call + at + 16, (uint32_t)piece);
    parts[0].iov_base = call;
    parts[0].iov_len = sizeof call;
    parts[1].iov_base = (char*)(size_t)data + done;
    parts[1].iov_len = piece;
    parts[2].iov_base = (char*)(size_t)kPadding;
    parts[2].iov_len = padding;
    error = floor_send_parts(link->fd, parts, 3);
    if (error == 0) error = floor_receive_all(link->fd, reply, sizeof reply);
    if (error == 0 && vxi_get(reply + 4) != link->xid) error = -EPROTO;
    if (error != 0) return error;
    done += vxi_get(reply + VXI_REPLY_HEADER + 4);
  }
  return (ssize_t)done;
}

ssize_t vxi11_floor_read(struct vxi11_floor* link, void* data, size_t size) {
  char call[VXI_CALL_HEADER + 24];
  char reply[VXI_REPLY_HEADER + 12];
  char padding[4];
  const size_t at = put_call(call, ++link->xid, 0x0607AF, VXI_READ);
  struct iovec parts[2];
  size_t length;
  size_t wanted;
  long got;
  int error;
  vxi_put(call + at, link->link);
  vxi_put(call + at + 4, (uint32_t)size);
  vxi_put(call + at + 8, kIoTimeout);
  vxi_put(call + at + 12, 0);
  vxi_put(call + at + 16, 0);
  vxi_put(call + at + 20, 0);
  vxi_put(call, 0x80000000u | (uint32_t)(sizeof call - 4));
  parts[0].iov_base = call;
  parts[0].iov_len = sizeof call;
  error = floor_send_parts(link->fd, parts, 1);
  if (error != 0) return error;
  parts[0].iov_base = reply;
  parts[0].iov_len = sizeof reply;
  parts[1].iov_base = data;
  parts[1].iov_len = size;
  got = floor_receive_some(link->fd, parts, 2);
  if (got < (long)sizeof reply) return got < 0 ? got : -EPROTO;
  length = vxi_get(reply + VXI_REPLY_HEADER + 8);
  got -= (long)sizeof reply;
  if (vxi_get(reply + 4) != link->xid || length > size) return -EPROTO;
  wanted = length + vxi_padding(length);
  if ((size_t)got < length) {
    error = floor_receive_all(link->fd, (char*)data + got, length - (size_t)got);
    if (error == 0) error = floor_receive_all(link->fd, padding, wanted - length);
  } else {
    error = floor_receive_all(link->fd, padding, wanted - (size_t)got);
  }
  return error != 0 ? error : (ssize_t)length;
}

void vxi11_floor_close(struct vxi11_floor* link) {
  char call[VXI_CALL_HEADER + 4];
  char reply[VXI_REPLY_HEADER + 4];
  const size_t at = put_call(call, ++link->xid, 0x0607AF, VXI_DESTROY_LINK);
  vxi_put(call + at, link->link);
  exchange(link, call, sizeof call, reply, 1);
  close(link->fd);
  link->fd = -1;
}
