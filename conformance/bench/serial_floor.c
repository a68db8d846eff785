/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "conformance/bench/serial_floor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { kTenth = 100, kMostTenths = 255 };

int serial_floor_open(struct serial_floor* link, unsigned port, unsigned timeout_ms) {
  char path[32];
  struct termios state;
  const unsigned tenths = timeout_ms / kTenth;
  snprintf(path, sizeof path, "/dev/pts/%u", port);
  link->tty = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (link->tty < 0 || tcgetattr(link->tty, &state) != 0) return -errno;
  cfmakeraw(&state);
  state.c_cflag |= CLOCAL | CREAD;
  state.c_cc[VMIN] = 0;
  state.c_cc[VTIME] = (cc_t)(tenths < kMostTenths ? tenths : kMostTenths);
  return tcsetattr(link->tty, TCSANOW, &state) == 0 ? 0 : -errno;
}

ssize_t serial_floor_write(struct serial_floor* link, const void* data, size_t size) {
  const char* at = data;
  size_t left = size;
  while (left > 0) {
    const ssize_t sent = write(link->tty, at, left);
    if (sent < 0) return -errno;
    at += sent;
    left -= (size_t)sent;
  }
  return (ssize_t)size;
}

ssize_t serial_floor_read(struct serial_floor* link, void* data, size_t size) {
  char* const into = data;
  size_t count = 0;
  while (count < size) {
    const ssize_t got = read(link->tty, into + count, size - count);
    if (got < 0) return -errno;
    if (got == 0) return -ETIMEDOUT;
    count += (size_t)got;
    if (memchr(into + count - got, '\n', (size_t)got) != NULL) break;
  }
  return (ssize_t)count;
}

void serial_floor_close(struct serial_floor* link) {
  close(link->tty);
}
