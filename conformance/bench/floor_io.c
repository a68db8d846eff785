/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "conformance/bench/floor_io.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static struct msghdr message_of(struct iovec* parts, int count) {
  struct msghdr message;
  memset(&message, 0, sizeof message);
  message.msg_iov = parts;
  message.msg_iovlen = (size_t)count;
  return message;
}

int floor_send_parts(int fd, struct iovec* parts, int count) {
  while (count > 0) {
    const struct msghdr message = message_of(parts, count);
    ssize_t n = sendmsg(fd, &message, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -errno;
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

int floor_receive_all(int fd, char* into, size_t size) {
  while (size > 0) {
    const ssize_t n = recv(fd, into, size, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -errno;
    if (n == 0) return -ECONNRESET;
    into += n;
    size -= (size_t)n;
  }
  return 0;
}

long floor_receive_some(int fd, struct iovec* parts, int count) {
  struct msghdr message = message_of(parts, count);
  ssize_t n;
  do {
    n = recvmsg(fd, &message, 0);
  } while (n < 0 && errno == EINTR);
  if (n < 0) return -errno;
  return n == 0 ? -ECONNRESET : (long)n;
}

int floor_connect(unsigned port, unsigned timeout_ms) {
  struct sockaddr_in address;
  struct timeval limit;
  const int on = 1;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int error;
  if (fd < 0) return -errno;
  limit.tv_sec = timeout_ms / 1000;
  limit.tv_usec = (timeout_ms % 1000) * 1000;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons((unsigned short)port);
  if (connect(fd, (const struct sockaddr*)&address, sizeof address) == 0 &&
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
      setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0 &&
      setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0) {
    return fd;
  }
  error = errno;
  close(fd);
  return -error;
}
