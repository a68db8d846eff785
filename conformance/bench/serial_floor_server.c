/* SPDX-License-Identifier: MIT
 * The reference server of the serial rows: floor_device at the other side of a pseudo-terminal.
 * Prints "port N", the number of the pseudo-terminal, which is not 0. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conformance/bench/floor_data.h"
#include "conformance/bench/floor_device.h"

enum { kRoom = 65536 };

static char received[kRoom];
static char pattern[kRoom];
static struct floor_device device;

static int open_terminal(unsigned* number) {
  char path[64];
  const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 ||
      ptsname_r(master, path, sizeof path) != 0 || sscanf(path, "/dev/pts/%u", number) != 1) {
    perror("pseudo-terminal");
    exit(2);
  }
  /* Kept open, so that reading does not end between two clients. */
  if (open(path, O_RDWR | O_NOCTTY | O_CLOEXEC) < 0) exit(2);
  return master;
}

static void send_all(int fd, const char* data, size_t size) {
  while (size > 0) {
    const ssize_t sent = write(fd, data, size);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) exit(2);
    data += sent;
    size -= (size_t)sent;
  }
}

static void send_answer(int fd) {
  if (device.text != NULL) {
    send_all(fd, device.text, (size_t)device.left);
    return;
  }
  while (device.left > 1) {
    const size_t offset = (size_t)(device.sent % sizeof pattern);
    size_t size = sizeof pattern - offset;
    if (size > device.left - 1) size = (size_t)(device.left - 1);
    send_all(fd, pattern + offset, size);
    device.sent += size;
    device.left -= size;
  }
  if (device.left == 1) send_all(fd, "\n", 1);
}

int main(int argc, char** argv) {
  unsigned number = 0;
  int master;
  size_t at;
  floor_device_begin(argc, argv);
  for (at = 0; at < sizeof pattern; ++at) pattern[at] = FLOOR_PATTERN_BYTE(at);
  master = open_terminal(&number);
  if (number == 0) master = open_terminal(&number);
  printf("port %u\n", number);
  fflush(stdout);
  for (;;) {
    const ssize_t got = read(master, received, sizeof received);
    const char* from = received;
    const char* const end = received + (got > 0 ? got : 0);
    if (got < 0 && errno != EINTR) return 2;
    while (from < end) {
      const char* const line = memchr(from, '\n', (size_t)(end - from));
      const char* const stop = line == NULL ? end : line + 1;
      floor_device_take(&device, from, (size_t)(stop - from));
      from = stop;
      if (line == NULL) break;
      floor_device_answer(&device);
      send_answer(master);
    }
  }
}
