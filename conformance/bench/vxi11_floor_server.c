/* SPDX-License-Identifier: MIT
 * The reference server of the VXI-11 rows: a portmapper over UDP (in a separate process) and
 * floor_device behind a core channel that serves one connection after the other with blocking
 * receives. Prints "port N", the port of the portmapper. */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conformance/bench/floor_device.h"
#include "conformance/bench/floor_io.h"
#include "conformance/bench/vxi11_wire.h"

enum { kRoom = VXI_MOST_PIECE + 4096 };

static char received[kRoom];
static struct floor_device device;

static void begin_reply(char* reply, uint32_t xid, size_t results) {
  memset(reply, 0, VXI_REPLY_HEADER);
  vxi_put(reply, 0x80000000u | (uint32_t)(VXI_REPLY_HEADER - 4 + results));
  vxi_put(reply + 4, xid);
  vxi_put(reply + 8, 1);
}

static int send_words(int fd, uint32_t xid, const uint32_t* words, int count) {
  char reply[VXI_REPLY_HEADER + 16];
  struct iovec part;
  int i;
  begin_reply(reply, xid, 4 * (size_t)count);
  for (i = 0; i < count; ++i) vxi_put(reply + VXI_REPLY_HEADER + 4 * i, words[i]);
  part.iov_base = reply;
  part.iov_len = VXI_REPLY_HEADER + 4 * (size_t)count;
  return floor_send_parts(fd, &part, 1);
}

static int send_data(int fd, uint32_t xid, unsigned long long room) {
  const unsigned long long size = device.left < room ? device.left : room;
  char reply[VXI_REPLY_HEADER + 12];
  begin_reply(reply, xid, 12 + size + vxi_padding(size));
  vxi_put(reply + VXI_REPLY_HEADER, size > 0 ? 0 : 15);
  vxi_put(reply + VXI_REPLY_HEADER + 4, size == device.left ? VXI_REASON_END : VXI_REASON_COUNT);
  vxi_put(reply + VXI_REPLY_HEADER + 8, (uint32_t)size);
  return floor_device_send(&device, fd, reply, sizeof reply, size, vxi_padding(size));
}

static int answer(int fd, const char* call, size_t size) {
  const uint32_t xid = vxi_get(call + 4);
  const char* arguments = call + VXI_CALL_HEADER;
  uint32_t words[4] = {0, 1, 0, VXI_MOST_PIECE};
  switch (vxi_get(call + 24)) {
    case VXI_CREATE_LINK:
      return send_words(fd, xid, words, 4);
    case VXI_WRITE: {
      const uint32_t length = vxi_get(arguments + 16);
      if (length > size) return -1;
      floor_device_take(&device, arguments + 20, length);
      if ((vxi_get(arguments + 12) & VXI_END) != 0) floor_device_answer(&device);
      words[1] = length;
      return send_words(fd, xid, words, 2);
    }
    case VXI_READ:
      return send_data(fd, xid, vxi_get(arguments + 4));
    default:
      return send_words(fd, xid, words, 1);
  }
}

static void serve(int fd) {
  size_t have = 0;
  device.head_size = 0;
  for (;;) {
    size_t size = 0;
    const ssize_t n = recv(fd, received + have, kRoom - have, 0);
    if (n <= 0) return;
    have += (size_t)n;
    while (have >= 4) {
      size = (vxi_get(received) & 0x7FFFFFFF) + 4;
      if (size > kRoom || (size < VXI_CALL_HEADER && have >= size)) return;
      if (have < size) break;
      if (answer(fd, received, size) != 0) return;
      have -= size;
      if (have > 0) memmove(received, received + size, have);
    }
  }
}

static void serve_portmapper(int fd, unsigned port) {
  for (;;) {
    char call[128];
    char reply[VXI_REPLY_HEADER + 4];
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    if (recvfrom(fd, call, sizeof call, 0, (struct sockaddr*)&from, &size) < 40) continue;
    begin_reply(reply, vxi_get(call), 4);
    vxi_put(reply + VXI_REPLY_HEADER, port);
    sendto(fd, reply + 4, sizeof reply - 4, 0, (const struct sockaddr*)&from, size);
  }
}

/* In a process of its own, which ends with this one. */
static int start_portmapper(int fd, unsigned port) {
  const pid_t self = getpid();
  const pid_t child = fork();
  if (child != 0) return child > 0 ? 0 : -1;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() == self) serve_portmapper(fd, port);
  _exit(2);
}

int main(int argc, char** argv) {
  unsigned core_port = 0;
  unsigned mapper_port = 0;
  int core;
  int mapper;
  floor_device_begin(argc, argv);
  memset(received, 1, sizeof received); /* warm */
  core = floor_device_socket(SOCK_STREAM, &core_port);
  mapper = floor_device_socket(SOCK_DGRAM, &mapper_port);
  if (start_portmapper(mapper, core_port) != 0) return 2;
  printf("port %u\n", mapper_port);
  fflush(stdout);
  for (;;) {
    const int on = 1;
    const int fd = accept4(core, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) continue;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    serve(fd);
    close(fd);
  }
}
