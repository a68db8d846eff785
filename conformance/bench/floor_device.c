/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "conformance/bench/floor_device.h"

#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conformance/bench/floor_data.h"
#include "conformance/bench/floor_io.h"

enum { kPieces = 512 };

static char pattern[FLOOR_PATTERN_SIZE];

void floor_device_begin(int argc, char** argv) {
  const pid_t parent = getppid();
  unsigned limit = 3600;
  size_t at;
  int i;
  for (i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--limit") == 0) {
      limit = (unsigned)atoi(argv[i + 1]);
    } else if (strcmp(argv[i], "--cpu") == 0) {
      cpu_set_t set;
      CPU_ZERO(&set);
      CPU_SET((unsigned)atoi(argv[i + 1]), &set);
      if (sched_setaffinity(0, sizeof set, &set) != 0) exit(2);
    }
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) exit(2);
  alarm(limit);
  for (at = 0; at < sizeof pattern; ++at) pattern[at] = FLOOR_PATTERN_BYTE(at);
}

int floor_device_socket(int type, unsigned* port) {
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  const int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || bind(fd, (const struct sockaddr*)&address, sizeof address) != 0 ||
      getsockname(fd, (struct sockaddr*)&address, &size) != 0 ||
      (type == SOCK_STREAM && listen(fd, 64) != 0)) {
    perror("bind");
    exit(2);
  }
  *port = ntohs(address.sin_port);
  return fd;
}

void floor_device_take(struct floor_device* device, const char* data, size_t size) {
  const size_t room = FLOOR_DEVICE_HEAD - device->head_size;
  const size_t kept = size < room ? size : room;
  memcpy(device->head + device->head_size, data, kept);
  device->head_size += kept;
}

void floor_device_answer(struct floor_device* device) {
  char text[FLOOR_DEVICE_HEAD + 1];
  const size_t size = device->head_size;
  memcpy(text, device->head, size);
  text[size] = '\0';
  device->head_size = 0;
  device->text = NULL;
  device->left = 0;
  device->sent = 0;
  if (size == 6 && memcmp(text, "*IDN?\n", 6) == 0) {
    device->text = FLOOR_IDENTITY;
  } else if (size == 6 && memcmp(text, "*OPC?\n", 6) == 0) {
    device->text = "1\n";
  } else if (size < FLOOR_DEVICE_HEAD && sscanf(text, "DATA? %llu", &device->left) != 1) {
    device->left = 0;
  }
  if (device->text != NULL) device->left = strlen(device->text);
}

/* Adds the next bytes of the answer; returns how many they are. */
static unsigned long long add_part(struct floor_device* device, unsigned long long size,
                                   struct iovec* part) {
  static char line_feed[] = "\n";
  const size_t offset = (size_t)(device->sent % sizeof pattern);
  unsigned long long n = sizeof pattern - offset;
  if (device->text != NULL) {
    part->iov_base = (char*)(size_t)device->text + device->sent;
    n = size;
  } else if (device->left == 1) {
    part->iov_base = line_feed;
    n = 1;
  } else {
    part->iov_base = pattern + offset;
    if (n > device->left - 1) n = device->left - 1;
    if (n > size) n = size;
  }
  part->iov_len = (size_t)n;
  device->left -= n;
  device->sent += n;
  return n;
}

size_t floor_device_next(struct floor_device* device, size_t size, const char** data) {
  struct iovec part;
  add_part(device, size, &part);
  *data = part.iov_base;
  return part.iov_len;
}

int floor_device_send(struct floor_device* device, int fd, char* header, size_t header_size,
                      unsigned long long size, size_t padding) {
  static char zeros[4];
  struct iovec parts[kPieces];
  int count = 1;
  parts[0].iov_base = header;
  parts[0].iov_len = header_size;
  while (size > 0) {
    if (count == kPieces - 1) {
      const int error = floor_send_parts(fd, parts, count);
      if (error != 0) return error;
      count = 0;
    }
    size -= add_part(device, size, &parts[count++]);
  }
  parts[count].iov_base = zeros;
  parts[count].iov_len = padding;
  return floor_send_parts(fd, parts, count + 1);
}
