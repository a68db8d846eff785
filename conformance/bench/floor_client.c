/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "conformance/bench/floor_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int floor_open(const char* host, unsigned port, unsigned timeout_ms) {
  struct sockaddr_in address;
  struct timeval limit;
  const int on = 1;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int error;
  if (fd < 0) return -errno;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons((unsigned short)port);
  limit.tv_sec = timeout_ms / 1000;
  limit.tv_usec = (timeout_ms % 1000) * 1000;
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1) {
    errno = EINVAL;
  } else if (connect(fd, (const struct sockaddr*)&address, sizeof address) == 0 &&
             setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
             setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0 &&
             setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0) {
    return fd;
  }
  error = errno;
  close(fd);
  return -error;
}

ssize_t floor_send(int fd, const void* data, size_t size) {
  size_t sent = 0;
  while (sent < size) {
    const ssize_t n = send(fd, (const char*)data + sent, size - sent, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EINTR) continue;
      return -errno;
    }
    sent += (size_t)n;
  }
  return (ssize_t)sent;
}

ssize_t floor_receive(int fd, void* buffer, size_t size) {
  size_t got = 0;
  while (got < size) {
    const ssize_t n = recv(fd, (char*)buffer + got, size - got, 0);
    if (n == 0) return -ECONNRESET;
    if (n < 0) {
      if (errno == EINTR) continue;
      return -errno;
    }
    got += (size_t)n;
    if (((const char*)buffer)[got - 1] == '\n') break;
  }
  return (ssize_t)got;
}

void floor_close(int fd) {
  close(fd);
}

static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare_doubles(const void* left, const void* right) {
  const double a = *(const double*)left;
  const double b = *(const double*)right;
  return (a > b) - (a < b);
}

double floor_query_median_ns(const char* host, unsigned port, unsigned warm_up, unsigned count) {
  char reply[256];
  double* samples;
  double median = -EINVAL;
  unsigned i;
  const int fd = floor_open(host, port, 5000);
  if (fd < 0) return fd;
  samples = count == 0 ? NULL : malloc(count * sizeof *samples);
  if (samples != NULL) {
    for (i = 0; i < warm_up + count; ++i) {
      const double start = now_ns();
      ssize_t n = floor_send(fd, "*IDN?\n", 6);
      if (n >= 0) n = floor_receive(fd, reply, sizeof reply);
      if (n < 0) {
        median = (double)n;
        break;
      }
      if (i >= warm_up) samples[i - warm_up] = now_ns() - start;
    }
    if (i == warm_up + count) {
      qsort(samples, count, sizeof *samples, compare_doubles);
      median = samples[count / 2];
    }
  }
  free(samples);
  floor_close(fd);
  return median;
}
