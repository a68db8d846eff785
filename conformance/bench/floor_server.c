/* SPDX-License-Identifier: MIT
 * The reference server of the benchmark: answers each line with a line from warm memory, by plain
 * send and writev, so that the measured time is the client's. One thread. By default it serves one
 * connection after the other with blocking receives, without poll;
 *   --many: it serves all at once by epoll, for the rows with thousands of sessions.
 * Commands: `*IDN?`, `*OPC?`, `DATA? N` (N bytes, the last one LF, no LF before it), `LINES? N,L`
 * (N bytes, every L-th of them LF). It ignores any other line, of any size. Prints "port N"
 * and ends with its parent or after --limit seconds. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "conformance/bench/floor_data.h"

enum { kReceiveSize = 128 * 1024, kHeadSize = 64, kPieces = 512, kMaxConnections = 16384 };

/* The start of the line that is arriving; the rest of a long line is not kept. */
struct connection {
  size_t head_size;
  char head[kHeadSize];
};

static char pattern[FLOOR_PATTERN_SIZE]; /* what DATA? sends, over and over */
static char receive_buffer[kReceiveSize];

static int send_all(int fd, struct iovec* parts, int count) {
  while (count > 0) {
    struct msghdr message;
    ssize_t n;
    memset(&message, 0, sizeof message);
    message.msg_iov = parts;
    message.msg_iovlen = (size_t)count;
    n = count == 1 ? send(fd, parts->iov_base, parts->iov_len, MSG_NOSIGNAL)
                   : sendmsg(fd, &message, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EINTR) continue;
      return -1;
    }
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

static int send_text(int fd, const char* text, size_t size) {
  struct iovec part;
  part.iov_base = (void*)(size_t)text;
  part.iov_len = size;
  return send_all(fd, &part, 1);
}

/* Sends `size` bytes that end in LF: the pattern as often as needed, gathered without a copy. */
static int send_data(int fd, unsigned long long size) {
  static char line_feed[] = "\n";
  unsigned long long left = size > 0 ? size - 1 : 0;
  struct iovec parts[kPieces];
  for (;;) {
    int count = 0;
    while (left > 0 && count < kPieces - 1) {
      const size_t piece = left < sizeof pattern ? (size_t)left : sizeof pattern;
      parts[count].iov_base = pattern;
      parts[count].iov_len = piece;
      left -= piece;
      ++count;
    }
    if (left == 0) {
      parts[count].iov_base = line_feed;
      parts[count].iov_len = 1;
      return send_all(fd, parts, count + 1);
    }
    if (send_all(fd, parts, count) != 0) return -1;
  }
}

/* No row times this: it shows whether a client looks for the termination character at all. */
static int send_lines(int fd, unsigned long long size, unsigned long long line) {
  char text[4096];
  unsigned long long done = 0;
  if (line == 0) return send_data(fd, size);
  while (done < size) {
    size_t n = 0;
    for (; n < sizeof text && done < size; ++n, ++done) {
      text[n] = (done + 1) % line == 0 ? '\n' : FLOOR_PATTERN_BYTE(done);
    }
    if (send_text(fd, text, n) != 0) return -1;
  }
  return 0;
}

static int answer(int fd, const struct connection* c) {
  unsigned long long size = 0;
  unsigned long long line = 0;
  char text[kHeadSize + 1];
  if (c->head_size == 5 && memcmp(c->head, "*IDN?", 5) == 0) {
    return send_text(fd, FLOOR_IDENTITY, sizeof FLOOR_IDENTITY - 1);
  }
  if (c->head_size == 5 && memcmp(c->head, "*OPC?", 5) == 0) return send_text(fd, "1\n", 2);
  if (c->head_size < 7 || c->head_size == kHeadSize) return 0; /* swallowed */
  memcpy(text, c->head, c->head_size);
  text[c->head_size] = '\0';
  if (sscanf(text, "DATA? %llu", &size) == 1) return send_data(fd, size);
  if (sscanf(text, "LINES? %llu,%llu", &size, &line) == 2) return send_lines(fd, size, line);
  return 0;
}

static int take(int fd, struct connection* c, const char* from, const char* end) {
  while (from < end) {
    const char* line_feed = memchr(from, '\n', (size_t)(end - from));
    const char* stop = line_feed != NULL ? line_feed : end;
    const size_t room = kHeadSize - c->head_size;
    const size_t size = (size_t)(stop - from) < room ? (size_t)(stop - from) : room;
    memcpy(c->head + c->head_size, from, size);
    c->head_size += size;
    if (line_feed == NULL) return 0;
    if (answer(fd, c) != 0) return -1;
    c->head_size = 0;
    from = line_feed + 1;
  }
  return 0;
}

/* Receives once and answers; nonzero if the connection is over. */
static int serve_once(int fd, struct connection* c) {
  const ssize_t n = recv(fd, receive_buffer, sizeof receive_buffer, 0);
  if (n < 0) return errno != EINTR;
  if (n == 0) return 1;
  return take(fd, c, receive_buffer, receive_buffer + n);
}

static int accept_one(int listener) {
  const int on = 1;
  const int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  if (fd >= 0) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

static void serve_in_turn(int listener) {
  for (;;) {
    struct connection c;
    const int fd = accept_one(listener);
    if (fd < 0) continue;
    c.head_size = 0;
    while (serve_once(fd, &c) == 0) {
    }
    close(fd);
  }
}

static void serve_many(int listener) {
  struct connection* connections = calloc(kMaxConnections, sizeof *connections);
  struct epoll_event event;
  struct epoll_event ready[64];
  const int poller = epoll_create1(EPOLL_CLOEXEC);
  if (connections == NULL || poller < 0) return;
  event.events = EPOLLIN;
  event.data.fd = listener;
  epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    const int count = epoll_wait(poller, ready, 64, -1);
    int i;
    for (i = 0; i < count; ++i) {
      int fd = ready[i].data.fd;
      if (fd != listener) {
        if (serve_once(fd, &connections[fd]) != 0) close(fd);
        continue;
      }
      fd = accept_one(listener);
      if (fd >= kMaxConnections) close(fd);
      if (fd < 0 || fd >= kMaxConnections) continue;
      connections[fd].head_size = 0;
      event.data.fd = fd;
      epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    }
  }
}

static int listen_on_loopback(unsigned* port) {
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || bind(fd, (const struct sockaddr*)&address, sizeof address) != 0 ||
      listen(fd, 4096) != 0 || getsockname(fd, (struct sockaddr*)&address, &size) != 0) {
    return -1;
  }
  *port = ntohs(address.sin_port);
  return fd;
}

int main(int argc, char** argv) {
  int many = 0;
  int listener;
  int i;
  unsigned limit = 3600;
  unsigned port = 0;
  size_t at;
  struct rlimit files;
  const pid_t parent = getppid();
  for (i = 1; i < argc; ++i) {
    if (strcmp(argv[i], "--many") == 0) {
      many = 1;
    } else if (strcmp(argv[i], "--cpu") == 0 && i + 1 < argc) {
      cpu_set_t set;
      CPU_ZERO(&set);
      CPU_SET((unsigned)atoi(argv[++i]), &set);
      if (sched_setaffinity(0, sizeof set, &set) != 0) {
        perror("floor_server: sched_setaffinity");
        return 2;
      }
    } else if (strcmp(argv[i], "--limit") == 0 && i + 1 < argc) {
      limit = (unsigned)atoi(argv[++i]);
    } else {
      fprintf(stderr, "usage: floor_server [--many] [--cpu N] [--limit SECONDS]\n");
      return 2;
    }
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) return 2;
  alarm(limit);
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  for (at = 0; at < sizeof pattern; ++at) pattern[at] = FLOOR_PATTERN_BYTE(at);
  memset(receive_buffer, 1, sizeof receive_buffer); /* warm */
  listener = listen_on_loopback(&port);
  if (listener < 0) {
    perror("floor_server: listen");
    return 2;
  }
  printf("port %u\n", port);
  fflush(stdout);
  if (many) {
    serve_many(listener);
  } else {
    serve_in_turn(listener);
  }
  return 1; /* neither returns while it can serve */
}
