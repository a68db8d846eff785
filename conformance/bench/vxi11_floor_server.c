/* SPDX-License-Identifier: MIT
 * The reference server of the VXI-11 rows: a portmapper over UDP (in a separate process) and a core
 * channel that serves one connection after the other with blocking receives. It answers the
 * messages of floor_server `*IDN?`, `*OPC?` and `DATA? N`, and ignores any other. Prints "port N",
 * the port of the portmapper, and ends with its parent or after --limit seconds. */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "conformance/bench/floor_data.h"
#include "conformance/bench/vxi11_wire.h"

enum { kRoom = VXI_MOST_PIECE + 4096, kPieces = 512, kHead = 64 };

static char received[kRoom];
static char pattern[FLOOR_PATTERN_SIZE];

/* What the next device_read returns: the rest of the present answer. */
static struct {
  char head[kHead];
  size_t head_size;
  unsigned long long data; /* bytes of the pattern, the last one LF */
  unsigned long long text; /* bytes of `reply` */
  const char* reply;
} device;

static void answer_message(void) {
  char text[kHead + 1];
  device.text = 0;
  device.data = 0;
  if (device.head_size == 6 && memcmp(device.head, "*IDN?\n", 6) == 0) {
    device.reply = FLOOR_IDENTITY;
    device.text = sizeof FLOOR_IDENTITY - 1;
  } else if (device.head_size == 6 && memcmp(device.head, "*OPC?\n", 6) == 0) {
    device.reply = "1\n";
    device.text = 2;
  } else if (device.head_size < kHead) {
    memcpy(text, device.head, device.head_size);
    text[device.head_size] = '\0';
    if (sscanf(text, "DATA? %llu", &device.data) != 1) device.data = 0;
  }
  device.head_size = 0;
}

static int send_parts(int fd, struct iovec* parts, int count) {
  while (count > 0) {
    ssize_t n = writev(fd, parts, count);
    if (n < 0) return -1;
    while (count > 0 && (size_t)n >= parts->iov_len) {
      n -= (ssize_t)parts->iov_len;
      ++parts;
      --count;
    }
    if (count > 0) {
      parts->iov_base = (char*)parts->iov_base + n;
      parts->iov_len -= (size_t)n;
    }
  }
  return 0;
}

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
  return send_parts(fd, &part, 1);
}

static int send_data(int fd, uint32_t xid, unsigned long long room) {
  static char line_feed[] = "\n";
  static char zeros[4];
  const unsigned long long whole = device.text > 0 ? device.text : device.data;
  const unsigned long long size = whole < room ? whole : room;
  unsigned long long left = device.text > 0 ? 0 : size > 0 ? size - 1 : 0;
  char reply[VXI_REPLY_HEADER + 12];
  struct iovec parts[kPieces];
  int count = 1;
  begin_reply(reply, xid, 12 + size + vxi_padding(size));
  vxi_put(reply + VXI_REPLY_HEADER, size > 0 ? 0 : 15);
  vxi_put(reply + VXI_REPLY_HEADER + 4, 4);
  vxi_put(reply + VXI_REPLY_HEADER + 8, (uint32_t)size);
  parts[0].iov_base = reply;
  parts[0].iov_len = sizeof reply;
  for (;;) {
    while (left > 0 && count < kPieces - 2) {
      parts[count].iov_base = pattern;
      parts[count].iov_len = left < sizeof pattern ? (size_t)left : sizeof pattern;
      left -= parts[count].iov_len;
      ++count;
    }
    if (left == 0) break;
    if (send_parts(fd, parts, count) != 0) return -1;
    count = 0;
  }
  parts[count].iov_base = device.text > 0 ? (char*)(size_t)device.reply : line_feed;
  parts[count].iov_len = device.text > 0 ? (size_t)size : size > 0;
  parts[count + 1].iov_base = zeros;
  parts[count + 1].iov_len = vxi_padding(size);
  device.text = 0;
  device.data = 0;
  return send_parts(fd, parts, count + 2);
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
      size_t kept = kHead - device.head_size;
      if (length > size) return -1;
      if (length < kept) kept = length;
      memcpy(device.head + device.head_size, arguments + 20, kept);
      device.head_size += kept;
      if ((vxi_get(arguments + 12) & VXI_END) != 0) answer_message();
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

static int bound(int type, unsigned* port) {
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  const int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || bind(fd, (const struct sockaddr*)&address, sizeof address) != 0 ||
      getsockname(fd, (struct sockaddr*)&address, &size) != 0) {
    perror("vxi11_floor_server: bind");
    exit(2);
  }
  *port = ntohs(address.sin_port);
  return fd;
}

int main(int argc, char** argv) {
  unsigned core_port = 0;
  unsigned mapper_port = 0;
  unsigned limit = 3600;
  const pid_t parent = getppid();
  pid_t self;
  size_t at;
  int core;
  int mapper;
  int i;
  for (i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--limit") == 0) {
      limit = (unsigned)atoi(argv[i + 1]);
    } else if (strcmp(argv[i], "--cpu") == 0) {
      cpu_set_t set;
      CPU_ZERO(&set);
      CPU_SET((unsigned)atoi(argv[i + 1]), &set);
      if (sched_setaffinity(0, sizeof set, &set) != 0) return 2;
    }
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) return 2;
  signal(SIGPIPE, SIG_IGN);
  alarm(limit);
  for (at = 0; at < sizeof pattern; ++at) pattern[at] = FLOOR_PATTERN_BYTE(at);
  memset(received, 1, sizeof received); /* warm */
  core = bound(SOCK_STREAM, &core_port);
  mapper = bound(SOCK_DGRAM, &mapper_port);
  if (listen(core, 64) != 0) return 2;
  self = getpid();
  switch (fork()) {
    case -1:
      return 2;
    case 0:
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() != self) return 2;
      alarm(limit);
      serve_portmapper(mapper, core_port);
      return 2;
  }
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
