/* SPDX-License-Identifier: MIT
 * The reference server of the HiSLIP rows: floor_device behind one session after the other, in
 * synchronized or overlap mode. One thread. It waits for the synchronous connection by a blocking
 * receive, without poll; a signal announces what arrives on the asynchronous one, and its handler
 * answers. It announces a message limit that splits nothing, and splits its own answers at the
 * client's limit. Prints "port N". */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conformance/bench/floor_device.h"
#include "conformance/bench/floor_io.h"
#include "conformance/bench/hislip_wire.h"

enum { kReceive = 1024 * 1024, kMostPayload = 256 };

static const unsigned long long kLimit = 1ull << 40;         /* what it says that it takes */
static const unsigned long long kDefaultLimit = 1024 * 1024; /* of a client that does not say */

static char received[kReceive];
static struct floor_device device;

static struct {
  volatile sig_atomic_t async; /* -1: none */
  volatile unsigned long long
      limit; /* of the client; changed by the handler while no answer goes */
  int overlap;
  uint32_t id; /* of the next answer in overlap mode */
} session = {-1, 0, 0, 0};

static int send_header(int fd, int type, int control, uint32_t parameter) {
  char bytes[HS_HEADER];
  struct iovec part;
  hs_put(bytes, type, control, parameter, 0);
  part.iov_base = bytes;
  part.iov_len = sizeof bytes;
  return floor_send_parts(fd, &part, 1);
}

/* A header and its payload. */
static int receive_message(int fd, struct hs_header* header, char* payload) {
  char bytes[HS_HEADER];
  if (floor_receive_all(fd, bytes, sizeof bytes) != 0 || hs_get(bytes, header) != 0 ||
      header->length > kMostPayload) {
    return -1;
  }
  return floor_receive_all(fd, payload, (size_t)header->length);
}

static int answer_async(int fd) {
  char payload[kMostPayload];
  struct hs_header header;
  if (receive_message(fd, &header, payload) != 0) return -1;
  switch (header.type) {
    case HS_ASYNC_STATUS_QUERY:
      return send_header(fd, HS_ASYNC_STATUS_RESPONSE, 0, 0);
    case HS_ASYNC_DEVICE_CLEAR:
      return send_header(fd, HS_ASYNC_DEVICE_CLEAR_ACKNOWLEDGE, session.overlap, 0);
    case HS_ASYNC_MAXIMUM_MESSAGE_SIZE: {
      char bytes[HS_HEADER + 8];
      struct iovec part;
      if (header.length != 8) return -1;
      session.limit = hs_get_size(payload);
      hs_put(bytes, HS_ASYNC_MAXIMUM_MESSAGE_SIZE_RESPONSE, 0, 0, 8);
      hs_put_size(bytes + HS_HEADER, kLimit);
      part.iov_base = bytes;
      part.iov_len = sizeof bytes;
      return floor_send_parts(fd, &part, 1);
    }
    default:
      return -1;
  }
}

static void async_arrived(int number) {
  const int error = errno;
  char byte;
  (void)number;
  while (session.async >= 0) {
    const ssize_t n = recv(session.async, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) break;
    if (n <= 0 || answer_async(session.async) != 0) session.async = -1;
  }
  errno = error;
}

static int send_answer(int fd, uint32_t id) {
  const unsigned long long limit = session.limit < 1024 ? 1024 : session.limit;
  while (device.left > 0) {
    const unsigned long long size = device.left < limit ? device.left : limit;
    char header[HS_HEADER];
    int error;
    if (session.overlap) {
      id = session.id;
      session.id += 2;
    }
    hs_put(header, size == device.left ? HS_DATA_END : HS_DATA, 0, id, size);
    error = floor_device_send(&device, fd, header, sizeof header, size, 0);
    if (error != 0) return error;
  }
  return 0;
}

static int end_of_message(int fd, const struct hs_header* header) {
  switch (header->type) {
    case HS_DATA:
      return 0;
    case HS_DATA_END:
      floor_device_answer(&device);
      return send_answer(fd, header->parameter);
    case HS_DEVICE_CLEAR_COMPLETE:
      session.overlap = header->control & 1;
      session.id = HS_FIRST_ID;
      device.head_size = 0;
      return send_header(fd, HS_DEVICE_CLEAR_ACKNOWLEDGE, session.overlap, 0);
    default:
      return -1;
  }
}

static void serve(int fd) {
  struct hs_header header;
  unsigned long long left = 0; /* of the payload */
  int inside = 0;
  size_t have = 0;
  for (;;) {
    size_t at = 0;
    const ssize_t n = recv(fd, received + have, kReceive - have, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    have += (size_t)n;
    for (;;) {
      size_t part;
      if (!inside) {
        if (have - at < HS_HEADER) break;
        if (hs_get(received + at, &header) != 0) return;
        at += HS_HEADER;
        left = header.length;
        inside = 1;
      }
      part = left < have - at ? (size_t)left : have - at;
      floor_device_take(&device, received + at, part);
      at += part;
      left -= part;
      if (left > 0) break;
      inside = 0;
      if (end_of_message(fd, &header) != 0) return;
    }
    have -= at;
    if (have > 0) memmove(received, received + at, have);
  }
}

static void serve_session(int sync, int async) {
  session.overlap = 0;
  session.limit = kDefaultLimit;
  device.head_size = 0;
  session.async = async;
  fcntl(async, F_SETOWN, getpid());
  fcntl(async, F_SETFL, O_ASYNC);
  raise(SIGIO); /* for what had arrived before */
  serve(sync);
  session.async = -1;
}

/* The connections of a session come one after the other; a synchronous one that another follows is
 * given up. */
static void serve_all(int listening) {
  int sync = -1;
  for (;;) {
    char payload[kMostPayload];
    struct hs_header header;
    const int on = 1;
    const int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) continue;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (receive_message(fd, &header, payload) != 0) {
      close(fd);
    } else if (header.type == HS_INITIALIZE) {
      if (sync >= 0) close(sync);
      sync = fd;
      send_header(sync, HS_INITIALIZE_RESPONSE, 0, 0x01000001u);
    } else {
      if (sync >= 0 && header.type == HS_ASYNC_INITIALIZE &&
          send_header(fd, HS_ASYNC_INITIALIZE_RESPONSE, 0, 'F' << 8 | 'V') == 0) {
        serve_session(sync, fd);
        close(sync);
        sync = -1;
      }
      close(fd);
    }
  }
}

int main(int argc, char** argv) {
  struct sigaction arrival;
  unsigned port = 0;
  int listening;
  floor_device_begin(argc, argv);
  memset(&arrival, 0, sizeof arrival);
  arrival.sa_handler = async_arrived;
  arrival.sa_flags = SA_RESTART;
  if (sigaction(SIGIO, &arrival, NULL) != 0) return 2;
  memset(received, 1, sizeof received); /* warm */
  listening = floor_device_socket(SOCK_STREAM, &port);
  printf("port %u\n", port);
  fflush(stdout);
  serve_all(listening);
}
